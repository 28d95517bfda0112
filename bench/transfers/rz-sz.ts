// `sz` and `rz` of 300 MB in a browser's terminal, beside lrzsz to lrzsz over a pipe, which crosses no network and no terminal.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { ApiClient } from '../../test/harness/api-client.ts'
import type { Product } from '../../test/harness/product.ts'
import { TransferPerson } from '../../test/harness/rz-sz.ts'
import type { SavedHost } from '../../test/harness/saved-host.ts'
import { makeTempFolder } from '../../test/harness/temp-folder.ts'
import { family, memoryBytes } from '../cost.ts'
import { type Line, median } from '../numbers.ts'

const fileBytes = 300_000_000
const withinMs = 120_000

export async function rzSz(product: Product, api: ApiClient, host: SavedHost, rounds: number): Promise<Line[]> {
  const folder = await makeTempFolder('bench-rz-sz')
  const file = path.join(folder.path, 'file')
  // The account of the host is another than ours.
  for (const each of ['in', 'pipe']) mkdirSync(path.join(folder.path, each))
  for (const each of ['', 'in']) chmodSync(path.join(folder.path, each), 0o777)
  const block = randomBytes(10_000_000)
  const made = openSync(file, 'w', 0o644)
  for (let at = 0; at < fileBytes; at += block.length) writeSync(made, block)
  closeSync(made)
  const person = await TransferPerson.open(product, api, host, path.join(folder.path, 'in'))
  const descriptor = openSync(file, 'r')
  const read = (from: number, length: number) => {
    const piece = Buffer.allocUnsafe(length)
    readSync(descriptor, piece, 0, length, from)
    return piece
  }
  const taken = { sz: [] as number[], rz: [] as number[], pipe: [] as number[] }
  const before = memoryBytes(family(product.pid))
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, memoryBytes(family(product.pid)) - before)), 200)
  try {
    for (let round = 0; round < rounds; round += 1) {
      const down = await person.run(`sz -q '${file}'`)
      taken.sz.push(
        await timed(async () => {
          const got = await person.fetch(down.id)
          if (!got.isWhole || got.bytes !== fileBytes) throw new Error(`sz brought ${got.bytes} bytes: ${got.text}`)
        }),
      )
      taken.pipe.push(await timed(() => overPipe(path.join(folder.path, 'pipe'))))
      const up = await person.run('rz -q -y')
      taken.rz.push(
        await timed(async () => {
          const { state, text } = await person.send(up.id, [{ name: 'up', bytes: fileBytes, read }], { withinMs })
          if (state !== 'done') throw new Error(`rz ended as ${state}: ${text}`)
        }),
      )
    }
  } finally {
    clearInterval(watch)
    closeSync(descriptor)
    person.close()
    rmSync(file, { force: true })
    await folder.remove()
  }
  const speed = (ms: readonly number[]) => fileBytes / 1e3 / median([...ms])
  const line = { unit: 'MB/s', better: 'higher', openssh: speed(taken.pipe) } as const
  return [
    { ...line, name: 'sz to a browser, beside lrzsz over a pipe', sallyport: speed(taken.sz) },
    { ...line, name: 'rz from a browser, beside lrzsz over a pipe', sallyport: speed(taken.rz) },
    { name: 'sz and rz, memory', unit: 'MB', sallyport: most / 1e6, openssh: Number.NaN, better: 'lower', of: 'sallyport' },
  ]
}

async function timed(act: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt
}

async function overPipe(folder: string): Promise<void> {
  const child = spawn('sh', ['-c', 'rm -f back file; mkfifo back; sz -q ../file < back | rz -q > back'], { cwd: folder, stdio: 'ignore', timeout: withinMs })
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`lrzsz over a pipe ended with ${String(code)}`)
}

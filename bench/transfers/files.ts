// A file of 1 GB by the browser's way, HTTP to Sallyport and SFTP to the host, with its digest checked on the host, beside `sftp` through an OpenSSH jump host, which checks nothing.
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { echo } from '../lines/echo.ts'
import type { Side } from '../shell.ts'
import { type Native, timed } from '../door/route.ts'
import { memoryBytes, family } from '../cost.ts'
import { type Line, median } from '../numbers.ts'
import { openFilesSession } from './files-session.ts'

const fileBytes = 1_000_000_000
const chunkBytes = 8 * 1024 * 1024

export async function webFiles(native: Native, rounds: number): Promise<Line[]> {
  const folder = native.remote
  mkdirSync(folder, { recursive: true })
  // Of another user where the bench runs as root.
  chmodSync(folder, 0o777)
  const [source, put] = [path.join(folder, 'source'), path.join(folder, 'put')]
  await makeFile(source)
  const files = await openFilesSession(native)
  const taken = { get: [] as number[], getJump: [] as number[], put: [] as number[], putJump: [] as number[] }
  let most = 0
  const before = memoryBytes(family(native.product.pid))
  const watch = setInterval(() => (most = Math.max(most, memoryBytes(family(native.product.pid)) - before)), 200)
  try {
    for (let round = 0; round < rounds; round += 1) {
      taken.get.push(await files.download(source, fileBytes))
      taken.getJump.push(await timed('sftp', native.jump, ['-q', '-b', '-'], `get ${source} ${put}.local\n`))
      taken.put.push(await files.upload(source, put, { bytes: fileBytes, chunkBytes }))
      taken.putJump.push(await timed('sftp', native.jump, ['-q', '-b', '-'], `put ${source} ${put}.jump\n`))
      for (const made of [put, `${put}.local`, `${put}.jump`]) rmSync(made, { force: true })
    }
  } finally {
    clearInterval(watch)
    await files.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const speed = (ms: readonly number[]) => fileBytes / 1e3 / median([...ms])
  const line = { unit: 'MB/s', better: 'higher', hold: 0.8 } as const
  return [
    { ...line, name: 'web download, checked, beside sftp by ssh -J', sallyport: speed(taken.get), openssh: speed(taken.getJump) },
    { ...line, name: 'web upload, checked, beside sftp by ssh -J', sallyport: speed(taken.put), openssh: speed(taken.putJump) },
    { name: 'web transfer, memory', unit: 'MB', sallyport: most / 1e6, openssh: Number.NaN, better: 'lower', of: 'sallyport' },
  ]
}

/** Bytes that do not compress. */
async function makeFile(file: string): Promise<void> {
  if ((await stat(file).catch(() => undefined))?.size === fileBytes) return
  const block = randomBytes(10_000_000)
  const handle = await open(file, 'w', 0o644)
  for (let at = 0; at < fileBytes; at += block.length) await handle.write(block)
  await handle.close()
}

/** Keys in a terminal while a file of 1 GB is downloaded over and over by the same gateway. */
export async function keysBesideFiles(native: Native, sallyport: Side, openssh: Side, rounds: number): Promise<Line[]> {
  const folder = native.remote
  mkdirSync(folder, { recursive: true })
  // Of another user where the bench runs as root.
  chmodSync(folder, 0o777)
  const source = path.join(folder, 'source')
  await makeFile(source)
  const files = await openFilesSession(native)
  const noise = async () => {
    let isOver = false
    const run = (async () => {
      while (!isOver) await files.download(source, fileBytes)
    })()
    await new Promise((resolve) => setTimeout(resolve, 300))
    return {
      stop: async () => {
        isOver = true
        await run
      },
    }
  }
  try {
    const [, p99] = await echo(
      { ...sallyport, noise },
      { ...openssh, noise: () => Promise.resolve({ stop: () => Promise.resolve() }) },
      { rounds, besideFlood: true },
    )
    return p99 ? [{ ...p99, name: 'echo beside a web download, p99', hold: 6, of: 'sallyport' }] : []
  } finally {
    await files.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

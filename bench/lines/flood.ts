// One terminal prints 64 MiB of text as fast as it can; the client acknowledges at once and hashes what came.
import { createHash } from 'node:crypto'
import { type Line, median, pairs } from '../numbers.ts'
import { quiet, type Shell, type Side } from '../shell.ts'

/** `file` is on the host; `bytes` and `digest` are those of what a PTY makes of it. */
export type FloodFile = { file: string; bytes: number; digest: string }

const begin = Buffer.from('flood-begins\r\n')

type Flood = { megabytesPerSecond: number; keptPerSecond: number; cpuPer100MB: number; screensPer100MB: number; wirePerByte: number }

/** Resolves when all bytes of the file have come; throws when they are others. */
function receive(shell: Shell, { bytes, digest }: FloodFile): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the flood did not end within 120 s; ${come} bytes came`)), 120_000)
    const hash = createHash('sha256')
    let head: Buffer | undefined = Buffer.alloc(0)
    let come = 0
    shell.onBytes = (chunk) => {
      let data = chunk
      if (head !== undefined) {
        head = Buffer.concat([head, chunk])
        const at = head.indexOf(begin)
        if (at < 0) return
        data = head.subarray(at + begin.length)
        head = undefined
      }
      const wanted = data.subarray(0, bytes - come)
      hash.update(wanted)
      come += wanted.length
      if (come < bytes) return
      clearTimeout(timer)
      shell.onBytes = () => undefined
      const found = hash.digest('hex')
      if (found === digest) resolve()
      else reject(new Error(`the bytes differ: ${found}, not ${digest}`))
    }
  })
}

type Around = { before: () => void; after: () => void }

/** MB/s of one flood. `around` is called while the shell waits for its command, and when all has come. */
export async function carried(side: Side, file: FloodFile, around: Around = { before: () => undefined, after: () => undefined }): Promise<number> {
  const shell = await side.open()
  await quiet(shell)
  const all = receive(shell, file)
  let ms: number
  around.before()
  try {
    const startedAt = performance.now()
    shell.write(`echo flood-begins; cat ${file.file}\n`)
    await all
    ms = performance.now() - startedAt
  } finally {
    around.after()
  }
  await shell.close()
  await side.settled()
  return file.bytes / 1e3 / ms
}

async function once(side: Side, file: FloodFile): Promise<Flood> {
  const shell = await side.open()
  await quiet(shell)
  const all = receive(shell, file)
  const cpu = () => side.cpuSeconds() - side.screenSeconds()
  const [cpuBefore, screensBefore] = [cpu(), side.screenSeconds()]
  const wireBefore = shell.wireBytes()
  const startedAt = performance.now()
  shell.write(`echo flood-begins; cat ${file.file}\n`)
  await all
  const ms = performance.now() - startedAt
  const wire = (shell.wireBytes() ?? Number.NaN) - (wireBefore ?? Number.NaN)
  const cpuOfCarrying = cpu() - cpuBefore
  await shell.close()
  // Blocks are made and kept behind the flood; what that costs belongs to it.
  const afterMs = await side.settled()
  return {
    megabytesPerSecond: file.bytes / 1e3 / ms,
    keptPerSecond: file.bytes / 1e3 / (ms + afterMs),
    cpuPer100MB: Math.max(cpuOfCarrying, cpu() - cpuBefore) / (file.bytes / 1e8),
    screensPer100MB: (side.screenSeconds() - screensBefore) / (file.bytes / 1e8),
    wirePerByte: wire / file.bytes,
  }
}

export async function flood(sallyport: Side, openssh: Side, file: FloodFile, rounds: number): Promise<Line[]> {
  // The first flood pays for compiling what all later ones run.
  await once(sallyport, file)
  const { a, b } = await pairs(
    rounds,
    () => once(sallyport, file),
    () => once(openssh, file),
  )
  const line = (name: string, unit: string, of: keyof Flood, better: Line['better'], more: Partial<Line> = {}): Line => ({
    name,
    unit,
    sallyport: median(a.map((run) => run[of])),
    openssh: median(b.map((run) => run[of])),
    better,
    ...more,
  })
  return [
    line('flood', 'MB/s', 'megabytesPerSecond', 'higher'),
    line('flood, until its recording is sealed', 'MB/s', 'keptPerSecond', 'higher', { openssh: Number.NaN }),
    line('flood, CPU with recording', 's/100 MB', 'cpuPer100MB', 'lower', { note: 'of OpenSSH: its client' }),
    line('flood, CPU of screens', 's/100 MB', 'screensPer100MB', 'lower', { openssh: Number.NaN }),
    line('flood, on the wire', 'bytes/byte', 'wirePerByte', 'lower', { hold: 1.02, of: 'sallyport' }),
  ]
}

// One terminal prints 64 MiB of text as fast as it can; the client acknowledges at once and hashes what came.
import { createHash } from 'node:crypto'
import { type Line, median, pairs } from '../numbers.ts'
import { type OpenShell, quiet } from '../shell.ts'

const begin = Buffer.from('flood-begins\r\n')
const end = Buffer.from('flood-ends\r\n')

type Flood = { megabytesPerSecond: number; digest: string; cpuPer100MB: number; bytes: number }

/** `file` is on the host; `cpu` reads the CPU seconds so far of what carries the bytes. */
async function once(open: OpenShell, file: string, cpu: () => number): Promise<Flood> {
  const shell = await open()
  await quiet(shell)
  const hash = createHash('sha256')
  let bytes = 0
  let startedAt = 0
  let cpuBefore = 0
  let tail = Buffer.alloc(0)
  const done = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the flood did not end within 120 s; ${bytes} bytes came`)), 120_000)
    let started = false
    shell.onBytes = (chunk) => {
      let data = Buffer.concat([tail, chunk])
      if (!started) {
        const at = data.indexOf(begin)
        if (at < 0) {
          tail = data
          return
        }
        started = true
        data = data.subarray(at + begin.length)
      }
      const at = data.indexOf(end)
      // What may be the beginning of the end mark is held back.
      const sure = at >= 0 ? at : Math.max(0, data.length - end.length)
      hash.update(data.subarray(0, sure))
      bytes += sure
      tail = Buffer.from(data.subarray(sure))
      if (at < 0) return
      clearTimeout(timer)
      resolve(performance.now() - startedAt)
    }
  })
  cpuBefore = cpu()
  startedAt = performance.now()
  shell.write(`echo flood-begins; cat ${file}; echo flood-ends\n`)
  const ms = await done
  const cpuUsed = cpu() - cpuBefore
  await shell.close()
  return { megabytesPerSecond: bytes / 1e6 / (ms / 1000), digest: hash.digest('hex'), cpuPer100MB: cpuUsed / (bytes / 1e8), bytes }
}

export async function flood(options: { sallyport: OpenShell; openssh: OpenShell; file: string; sallyportCpu: () => number; rounds: number }): Promise<Line[]> {
  const { a, b } = await pairs(
    options.rounds,
    () => once(options.sallyport, options.file, options.sallyportCpu),
    () => once(options.openssh, options.file, () => 0),
  )
  const digests = new Set([...a, ...b].map((run) => run.digest))
  if (digests.size !== 1) throw new Error(`the bytes differ: ${[...digests].join(', ')}`)
  return [
    {
      name: 'flood',
      unit: 'MB/s',
      sallyport: median(a.map((run) => run.megabytesPerSecond)),
      openssh: median(b.map((run) => run.megabytesPerSecond)),
      better: 'higher',
    },
    {
      name: 'flood, CPU of all Sallyport processes',
      unit: 's/100 MB',
      sallyport: median(a.map((run) => run.cpuPer100MB)),
      openssh: Number.NaN,
      better: 'lower',
    },
  ]
}

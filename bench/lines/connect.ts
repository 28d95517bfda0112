// From asking for a ticket (or starting `ssh`) to the first byte of the shell.
import { type Line, median, pairs } from '../numbers.ts'
import type { OpenShell } from '../shell.ts'

async function once(open: OpenShell): Promise<number> {
  const startedAt = performance.now()
  const shell = await open()
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no prompt within 20 s')), 20_000)
    shell.onBytes = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  const ms = performance.now() - startedAt
  await shell.close()
  return ms
}

export async function connect(options: { sallyport: OpenShell; openssh: OpenShell; rounds: number }): Promise<Line[]> {
  const { a, b } = await pairs(
    options.rounds,
    () => once(options.sallyport),
    () => once(options.openssh),
  )
  return [{ name: 'connect, ticket to first byte', unit: 'ms', sallyport: median(a), openssh: median(b), better: 'lower' }]
}

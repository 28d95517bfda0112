// From asking for a ticket (or starting `ssh`) to the first byte of the shell.
import { type Line, median, pairs } from '../numbers.ts'
import type { Side } from '../shell.ts'

async function once(side: Side): Promise<number> {
  const startedAt = performance.now()
  const shell = await side.open()
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no prompt within 20 s')), 20_000)
    shell.onBytes = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  const ms = performance.now() - startedAt
  await shell.close()
  await side.settled()
  return ms
}

export async function connect(sallyport: Side, openssh: Side, rounds: number): Promise<Line[]> {
  const { a, b } = await pairs(
    rounds,
    () => once(sallyport),
    () => once(openssh),
  )
  return [{ name: 'connect, ticket to first byte', unit: 'ms', sallyport: median(a), openssh: median(b), better: 'lower', hold: 0.9 }]
}

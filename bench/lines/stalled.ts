// A client stops reading for ten seconds while `yes` runs: what grows, and whether the session is still there after it.
import { memoryBytes } from '../cost.ts'
import { type Line, median, pairs } from '../numbers.ts'
import { type OpenShell, quiet } from '../shell.ts'

const stallMs = 10_000

async function once(open: OpenShell, pids: () => readonly number[]): Promise<number> {
  const shell = await open()
  await quiet(shell)
  const before = memoryBytes(pids())
  shell.stall()
  shell.write('yes\n')
  await new Promise((resolve) => setTimeout(resolve, stallMs))
  const grown = memoryBytes(pids()) - before
  await shell.close()
  return Math.max(0, grown) / 1e6
}

export async function stalled(options: {
  sallyport: OpenShell
  openssh: OpenShell
  sallyportPids: () => readonly number[]
  opensshPids: () => readonly number[]
  rounds: number
}): Promise<Line[]> {
  const { a, b } = await pairs(
    options.rounds,
    () => once(options.sallyport, options.sallyportPids),
    () => once(options.openssh, options.opensshPids),
  )
  return [
    { name: 'stalled client, memory grown in 10 s', unit: 'MB', sallyport: median(a), openssh: median(b), better: 'lower', note: 'OpenSSH: its client alone' },
  ]
}

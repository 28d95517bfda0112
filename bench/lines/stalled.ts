// A client stops reading for ten seconds while `yes`, or `cat` over and over, runs: what grows, and whether the session is still there after it.
import { type Line, median, pairs } from '../numbers.ts'
import { quiet, type Side, waitFor } from '../shell.ts'
import type { FloodFile } from './flood.ts'

const stallMs = 10_000

/** MB by which memory has grown at the end of the stall. */
async function once(side: Side, command: string): Promise<number> {
  const shell = await side.open()
  await quiet(shell)
  const before = side.memoryBytes()
  shell.stall()
  shell.write(`${command}\n`)
  await new Promise((resolve) => setTimeout(resolve, stallMs))
  const grown = side.memoryBytes() - before
  const alive = waitFor(shell, 'still-7\r\n')
  shell.unstall()
  shell.write('\u0003')
  // It must be gone before the shell is spoken to: what is typed with Ctrl-C is flushed with it.
  await new Promise((resolve) => setTimeout(resolve, 500))
  shell.write('echo still-$((3+4))\n')
  await alive
  await shell.close()
  await side.settled()
  return Math.max(0, grown) / 1e6
}

export async function stalled(sallyport: Side, openssh: Side, file: FloodFile, rounds: number): Promise<Line[]> {
  const lines: Line[] = []
  for (const [name, command] of [
    ['yes', 'yes'],
    ['a cat loop', `while cat ${file.file}; do :; done`],
  ] as const) {
    const { a, b } = await pairs(
      rounds,
      () => once(sallyport, command),
      () => once(openssh, command),
    )
    const note = 'of OpenSSH: its client'
    const value = { unit: 'MB', sallyport: median(a), openssh: median(b), better: 'lower', hold: 4, of: 'sallyport' } as const
    lines.push({ name: `stalled client, grown in 10 s of ${name}`, ...value, note })
  }
  return lines
}

// What recording takes from a flood. Nothing in the product can turn it off, so its back is held still from outside: with control stopped (SIGSTOP) the recorder makes 8 MiB of
// blocks and then waits, and what is left of recording is the journal, without which nothing is shown.
import type { Product } from '../../test/harness/product.ts'
import { type Line, median, pairs } from '../numbers.ts'
import type { Side } from '../shell.ts'
import { carried, type FloodFile } from './flood.ts'

export async function recording(product: Product, side: Side, file: FloodFile, rounds: number): Promise<Line[]> {
  const { a, b } = await pairs(
    rounds,
    () => carried(side, file),
    () =>
      carried(side, file, {
        before: () => signal(product, 'SIGSTOP'),
        after: () => signal(product, 'SIGCONT'),
      }),
  )
  const share = (1 - median(a) / median(b)) * 100
  return [{ name: 'recording’s share of a flood', unit: '%', sallyport: Math.max(0, share), openssh: Number.NaN, better: 'lower', hold: 15, of: 'sallyport' }]
}

function signal(product: Product, name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of product.controlPids()) process.kill(pid, name)
}

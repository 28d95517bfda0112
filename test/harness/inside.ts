// What the product's processes hold, seen from outside: what each tells of itself on SIGUSR2, and its open files by /proc.
import { readdirSync } from 'node:fs'
import { Inside } from '#main/inside.ts'
import type { Product } from './product.ts'
import { waitUntil } from './wait.ts'

export type SeenInside = Inside & { openFiles: number }

/** One look at control and each gateway, after they have collected what is unused. */
export async function lookInside(product: Product): Promise<SeenInside[]> {
  const pids = [...product.controlPids(), ...product.gatewayPids()]
  return Promise.all(pids.map((pid) => lookAt(product, pid)))
}

async function lookAt(product: Product, pid: number): Promise<SeenInside> {
  const before = linesOf(product, pid).length
  process.kill(pid, 'SIGUSR2')
  const line = await waitUntil('a process to tell what it holds', () => linesOf(product, pid)[before], { withinMs: 60_000, everyMs: 20 })
  return { ...line, openFiles: readdirSync(`/proc/${pid}/fd`).length }
}

const linesOf = (product: Product, pid: number): Inside[] =>
  product
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{"inside":') && line.endsWith('}'))
    .map((line) => Inside.parse(JSON.parse(line)))
    .filter((inside) => inside.pid === pid)

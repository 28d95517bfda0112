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

/** What lasts: sockets, timers, files, promises, and what the processes name themselves. A chore that is just running has no place in a comparison. */
export function handlesOf({ inside, emitters, promises, kinds, own, openFiles }: SeenInside) {
  const { Immediate: _immediate, FSReqCallback: _read, ...lasting } = kinds
  return { inside, emitters, promises, kinds: lasting, own, openFiles }
}

/** What each process holds more of than before, by name. */
export const moreHandles = (before: SeenInside[], after: SeenInside[]): string[] =>
  after.flatMap((process, at) => moreOf(handlesOf(process), before[at] && handlesOf(before[at]), process.inside))

/** Looks until nothing has been let go for some seconds: connections between the processes are kept for a while after the last request. */
export async function lookWhenQuiet(product: Product): Promise<SeenInside[]> {
  const same: string[] = []
  return waitUntil(
    'the product to be quiet',
    async () => {
      const now = await lookInside(product)
      const handles = JSON.stringify(now.map(handlesOf))
      if (handles !== same.at(-1)) same.length = 0
      same.push(handles)
      return same.length > 3 ? now : undefined
    },
    { withinMs: 300_000, everyMs: 1500 },
  )
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

/** A gateway keeps the handle of the last segment of its journal until the next is synced: one file, one emitter, whenever it is looked at. */
const lastSegment = 1

/** What is counted higher than before, each with its path; fewer is the end of something that was still going on at the first look. */
function moreOf(now: unknown, then: unknown, where = ''): string[] {
  const allowed = /(emitters|openFiles)$/.test(where) ? lastSegment : 0
  if (typeof now === 'number') return now > (typeof then === 'number' ? then : 0) + allowed ? [`${where}: ${now}, was ${String(then)}`] : []
  if (typeof now !== 'object' || now === null) return []
  const old = (then ?? {}) as Record<string, unknown>
  return Object.entries(now).flatMap(([name, value]) => moreOf(value, old[name], `${where}/${name}`))
}

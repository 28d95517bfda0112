// What is inside a process, told on SIGUSR2 as one line of JSON on stderr: counts and sizes, never contents. For the tests of what sessions leave behind, and for whoever looks for a leak.
import { EventEmitter } from 'node:events'
import { queryObjects } from 'node:v8'
import { z } from 'zod'

const Count = z.number()

/** Bytes and counts, after everything unused has been collected. `kinds`: what keeps the event loop (timers, sockets, pipes) by kind. `own`: what the process says of itself, such as live sessions. */
export const Inside = z.strictObject({
  inside: z.string(),
  pid: Count,
  rssBytes: Count,
  heapBytes: Count,
  externalBytes: Count,
  arrayBufferBytes: Count,
  objects: Count,
  emitters: Count,
  promises: Count,
  kinds: z.record(z.string(), Count),
  own: z.record(z.string(), Count),
})
export type Inside = z.infer<typeof Inside>

/** Only root and the process's own user can send the signal. It stands still for a moment (tens of milliseconds for each 100 MB) and then goes on. */
export function tellInsideOnSignal(name: string, own: () => Record<string, number>): void {
  process.on('SIGUSR2', () => process.stderr.write(`${JSON.stringify(look(name, own()))}\n`))
}

function look(name: string, own: Record<string, number>): Inside {
  // Each of these collects everything that is not held any more before it counts.
  const emitters = queryObjects(EventEmitter, { format: 'count' })
  const promises = queryObjects(Promise, { format: 'count' })
  const objects = queryObjects(Object, { format: 'count' })
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const kinds: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) kinds[kind] = (kinds[kind] ?? 0) + 1
  return {
    inside: name,
    pid: process.pid,
    rssBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    arrayBufferBytes: arrayBuffers,
    objects,
    emitters,
    promises,
    kinds,
    own,
  }
}

// Everybody who watches one session.
import { Failure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from './clock.ts'
import type { Size } from './event.ts'
import type { WatchNear } from './near.ts'
import type { ScreenSource } from './screens.ts'
import { Watcher } from './watcher.ts'

export const mostWatchers = 100

export type FanOutParts = { session: string; clock: Clock; screens: ScreenSource; accepted: () => number; limit?: number; changed: (names: string[]) => void }

export class FanOut {
  readonly #parts: FanOutParts
  readonly #watchers = new Map<Watcher, string>()

  constructor(parts: FanOutParts) {
    this.#parts = parts
  }
  get count(): number {
    return this.#watchers.size
  }
  get names(): string[] {
    return [...this.#watchers.values()]
  }

  /** Throws `Failure('too_many_watchers')`. */
  add(near: WatchNear, name: string): Watcher {
    const { changed, limit = mostWatchers, ...parts } = this.#parts
    if (this.#watchers.size >= limit) throw new Failure('too_many_watchers', `${limit} people watch this session already. Try again later.`)
    const watcher = new Watcher({
      ...parts,
      near,
      gone: () => {
        this.#watchers.delete(watcher)
        changed(this.names)
      },
    })
    this.#watchers.set(watcher, name)
    changed(this.names)
    return watcher
  }

  output(offset: number, bytes: Uint8Array): void {
    for (const watcher of this.#watchers.keys()) watcher.output(offset, bytes)
  }
  size(size: Size): void {
    for (const watcher of this.#watchers.keys()) watcher.size(size)
  }
  ended(end: SessionEnd): void {
    for (const watcher of this.#watchers.keys()) watcher.ended(end)
    this.#watchers.clear()
  }
}

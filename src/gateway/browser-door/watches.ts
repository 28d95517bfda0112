// Who watches through this gateway, so that control can send somebody away whose right has ended.
import type { WatchId } from '#domain/id.ts'
import type { MustLeave } from '#wire/link.ts'

/** Wishes that came before their watcher had sat down; they are repeated with every beat, so losing the oldest costs five seconds. */
const mostEarlyWishes = 1000

export class Watches {
  readonly #leave = new Map<WatchId, (text: string) => void>()
  readonly #early = new Map<WatchId, string>()

  get size(): number {
    return this.#leave.size
  }

  /** `leave` is called once, perhaps at once. Returns how to let go. */
  add(watch: WatchId, leave: (text: string) => void): () => void {
    const early = this.#early.get(watch)
    if (early !== undefined) {
      this.#early.delete(watch)
      leave(early)
      return () => undefined
    }
    this.#leave.set(watch, leave)
    return () => void this.#leave.delete(watch)
  }

  /** Idempotent: it comes by push and with every beat until the end of the watch is reported. */
  mustLeave({ watch, text }: MustLeave): void {
    const leave = this.#leave.get(watch)
    if (leave) {
      this.#leave.delete(watch)
      return leave(text)
    }
    this.#early.set(watch, text)
    const oldest = this.#early.size > mostEarlyWishes ? this.#early.keys().next().value : undefined
    if (oldest !== undefined) this.#early.delete(oldest)
  }
}

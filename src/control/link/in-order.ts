// Work of one link: in order for each session (a block before the one after it, the end after the last block), side by side for different ones, and never more at once than the bound.

/** What is under way or waiting on one link. At `full` the socket is not read until half of it is done: the gateway's own bounds (64 asks, 16 blocks) lie below. */
export const maxUnderWay = 128
/** A block is at most 2 MiB, and a gateway sends 2 MiB at once: this bounds one that does not keep to it. */
export const maxUnderWayBytes = 16 * 1024 * 1024

/** What is gathered while earlier work waits for the disk, or for more to come: one wait for the disk serves many blocks. */
const maxGathered = 32
/** Nobody waits for a block but the journal that is cut with it, so the first of them waits for others. */
const gatherMs = 20

type Gathering = { items: unknown[]; began: boolean }

export class InOrder {
  readonly #tails = new Map<string, Promise<void>>()
  /** The last thing given under a key, when more may be added to it. */
  readonly #gathering = new Map<string, Gathering>()
  #underWay = 0
  #bytes = 0
  readonly #onFull: () => void
  readonly #onRoom: () => void
  #full = false

  constructor(onFull: () => void, onRoom: () => void) {
    this.#onFull = onFull
    this.#onRoom = onRoom
  }

  /** Runs `work` after everything given earlier under the same key; it holds `bytes` until it is done. `work` must not reject: it answers its own failures. */
  run(key: string, bytes: number, work: () => Promise<void>): void {
    this.#gathering.delete(key)
    this.#hold(1, bytes)
    this.#follow(key, work, () => this.#letGo(1, bytes))
  }

  /** Like `run`, but what is given under the key while earlier work is under way, or within 20 ms, comes to `work` together, in order. `work` is that of the first of them. */
  gather<Item>(key: string, bytes: number, item: Item, work: (items: readonly Item[]) => Promise<void>): void {
    this.#hold(1, bytes)
    const open = this.#gathering.get(key)
    if (open !== undefined && !open.began && open.items.length < maxGathered) {
      open.items.push({ item, bytes })
      return
    }
    const items: { item: Item; bytes: number }[] = [{ item, bytes }]
    const gathering: Gathering = { items, began: false }
    this.#gathering.set(key, gathering)
    const begin = async () => {
      await new Promise((resolve) => setTimeout(resolve, gatherMs))
      gathering.began = true
      return await work(items.map((each) => each.item))
    }
    this.#follow(key, begin, () => {
      if (this.#gathering.get(key) === gathering) this.#gathering.delete(key)
      this.#letGo(
        items.length,
        items.reduce((sum, each) => sum + each.bytes, 0),
      )
    })
  }

  #follow(key: string, work: () => Promise<void>, after: () => void): void {
    const before = this.#tails.get(key)
    const tail = (before ? before.then(work) : work()).finally(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
      after()
    })
    this.#tails.set(key, tail)
  }

  #hold(count: number, bytes: number): void {
    this.#underWay += count
    this.#bytes += bytes
    if ((this.#underWay < maxUnderWay && this.#bytes < maxUnderWayBytes) || this.#full) return
    this.#full = true
    this.#onFull()
  }

  #letGo(count: number, bytes: number): void {
    this.#underWay -= count
    this.#bytes -= bytes
    if (!this.#full || this.#underWay > maxUnderWay / 2 || this.#bytes > maxUnderWayBytes / 2) return
    this.#full = false
    this.#onRoom()
  }

  /** Resolves when all that was given so far is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#tails.values())
  }
}

// How fast something moves, and how long it will take. Pure: the time is passed in.

/** What lies further back says little about now. */
const windowMs = 5000
/** Before that a speed is a guess. */
const leastMs = 800

export class Pace {
  #marks: { atMs: number; bytes: number }[] = []

  /** `bytes`: moved in all. */
  moved(bytes: number, nowMs: number): void {
    const last = this.#marks.at(-1)
    // A transfer that begins again elsewhere has a pace of its own.
    if (last && bytes < last.bytes) this.#marks = []
    // Ten marks a second are enough.
    if (last && nowMs - last.atMs < 100 && this.#marks.length > 1) this.#marks.pop()
    this.#marks.push({ atMs: nowMs, bytes })
    while (this.#marks.length > 2 && nowMs - (this.#marks[0]?.atMs ?? nowMs) > windowMs) this.#marks.shift()
  }

  /** Undefined while too little is known. */
  bytesPerSecond(nowMs: number): number | undefined {
    const [first] = this.#marks
    const last = this.#marks.at(-1)
    if (!first || !last || nowMs - first.atMs < leastMs) return undefined
    return ((last.bytes - first.bytes) * 1000) / (nowMs - first.atMs)
  }

  /** Whole seconds; undefined when it stands still. */
  secondsLeft(bytes: number, nowMs: number): number | undefined {
    const speed = this.bytesPerSecond(nowMs)
    const last = this.#marks.at(-1)
    return speed === undefined || speed < 1 || !last ? undefined : Math.ceil(Math.max(0, bytes - last.bytes) / speed)
  }
}

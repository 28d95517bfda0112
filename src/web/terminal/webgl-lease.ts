// Browsers keep about 16 WebGL contexts and take the oldest away past that. So contexts are lent to terminals that are seen, and come back when one is hidden;
// a terminal without one draws by DOM, which looks the same.

/** Half of what Chromium keeps: the context that was just given back dies only when the browser gets to it. */
export const mostLeased = 8
/** After this many losses a terminal stays with the DOM: the driver, not chance, takes contexts away. */
export const mostLosses = 3

/** One use of WebGL by one terminal. */
export interface Drawing {
  dispose(): void
}
/** Begins to draw by WebGL, and calls `lost` when the browser takes the context away. Throws where there is none. */
export type BeginDrawing = (lost: () => void) => Drawing

export class WebglLeases {
  #most: number
  #holders = new Set<WebglLease>()
  #waiting = new Set<WebglLease>()

  constructor(most = mostLeased) {
    this.#most = most
  }
  get inUse(): number {
    return this.#holders.size
  }
  lease(begin: BeginDrawing): WebglLease {
    return new WebglLease(this, begin)
  }

  /** Used by leases only. */
  ask(lease: WebglLease): boolean {
    if (this.#holders.size >= this.#most) {
      this.#waiting.add(lease)
      return false
    }
    this.#holders.add(lease)
    return true
  }
  /** Used by leases only. */
  giveBack(lease: WebglLease): void {
    this.#waiting.delete(lease)
    if (!this.#holders.delete(lease)) return
    const [next] = this.#waiting
    if (next) {
      this.#waiting.delete(next)
      next.retry()
    }
  }
}

export class WebglLease {
  #leases: WebglLeases
  #begin: BeginDrawing
  #drawing: Drawing | undefined
  #seen = false
  #losses = 0

  constructor(leases: WebglLeases, begin: BeginDrawing) {
    this.#leases = leases
    this.#begin = begin
  }
  get drawsByWebgl(): boolean {
    return this.#drawing !== undefined
  }

  /** A seen terminal takes a context when one is free, and waits for one otherwise. A hidden one gives it back. */
  seen(seen: boolean): void {
    if (this.#seen === seen) return
    this.#seen = seen
    if (seen) this.retry()
    else this.#stop()
  }

  retry(): void {
    if (!this.#seen || this.#drawing || this.#losses >= mostLosses || !this.#leases.ask(this)) return
    try {
      this.#drawing = this.#begin(() => {
        this.#losses++
        this.#stop()
        this.retry()
      })
    } catch {
      // No WebGL after all: the DOM goes on drawing, and asking again would not change it.
      this.#losses = mostLosses
      this.#leases.giveBack(this)
    }
  }

  dispose(): void {
    this.#seen = false
    this.#stop()
  }

  #stop(): void {
    const drawing = this.#drawing
    this.#drawing = undefined
    drawing?.dispose()
    this.#leases.giveBack(this)
  }
}

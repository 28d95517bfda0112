/** Time and timers, passed in so that tests can move them. `nowMs` is monotonic; `wallMs` is since the epoch. */
export interface Clock {
  nowMs(): number
  wallMs(): number
  after(delayMs: number, call: () => void): { cancel(): void }
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

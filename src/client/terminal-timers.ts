/** The clock of a terminal; passed in so that tests turn it by hand. */
export type TerminalTimers = { nowMs(): number; after(delayMs: number, call: () => void): { cancel(): void } }
export const realTimers: TerminalTimers = {
  nowMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

import type { Clock } from '#session/clock.ts'

/** Waits between tries: 0.1 s, doubled up to 5 s. */
export const pauseMs = (tries: number): number => Math.min(100 * 2 ** Math.min(tries, 10), 5000)

/** Resolves after the time, or at once when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      timer.cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.after(delayMs, done)
    signal.addEventListener('abort', done, { once: true })
  })
}

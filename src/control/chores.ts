// What control does by the clock: each chore alone, never overlapping itself, its failure logged and tried again at its next turn.

export type Chores = {
  every(ms: number, name: string, work: () => Promise<unknown>): void
  /** No chore begins any more; resolves when those that run are done. */
  stop(): Promise<void>
}

export function startChores(onFailure: (name: string, error: unknown) => void): Chores {
  const timers: NodeJS.Timeout[] = []
  const running = new Map<string, Promise<void>>()
  return {
    every(ms, name, work) {
      const turn = () => {
        // Still at it: this turn is left out.
        if (running.has(name)) return
        const done = work()
          .then(
            () => undefined,
            (error: unknown) => onFailure(name, error),
          )
          .finally(() => running.delete(name))
        running.set(name, done)
      }
      timers.push(setInterval(turn, ms).unref())
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}

/** Asks up to `most` ahead of whoever takes, and gives the answers in the order of asking. `ask` says undefined when there is nothing more to ask. Nothing is asked before the first is taken. */
export async function* inOrder<Answer>(ask: () => Promise<Answer> | undefined, most: () => number): AsyncGenerator<Answer, void, undefined> {
  const line: Promise<Answer>[] = []
  for (;;) {
    while (line.length < most()) {
      const next = ask()
      if (!next) break
      // It fails when its turn comes; before that nobody listens.
      next.catch(() => undefined)
      line.push(next)
    }
    const first = line.shift()
    if (!first) return
    yield await first
  }
}

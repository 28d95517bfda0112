/** Asks every `everyMs` until the answer is not undefined, null or false. Throws what was waited for after `withinMs`. */
export async function waitUntil<Value>(
  what: string,
  ask: () => Value | Promise<Value>,
  { withinMs = 10_000, everyMs = 50 }: { withinMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Exclude<Value, false>>> {
  const until = performance.now() + withinMs
  for (;;) {
    const value = await ask()
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<Exclude<Value, false>>
    if (performance.now() > until) throw new Error(`waited ${withinMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

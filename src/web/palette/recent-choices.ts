// What a person chose lately, kept in their browser. Pure but for the two functions at the end.
import { z } from 'zod'

const Name = z.string().max(300)
const Choice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('host'), id: z.string().max(60), name: Name }),
  z.object({ kind: z.literal('person'), username: Name, name: Name }),
  /** A page or an action. */
  z.object({ kind: z.literal('local'), id: z.string().max(60) }),
])
export type RecentChoice = z.infer<typeof Choice>
export const mostRecent = 6

const keyOf = (choice: RecentChoice) => `${choice.kind} ${choice.kind === 'person' ? choice.username : choice.id}`

/** What does not fit was written by something else, and is left out. */
export function readRecent(kept: string | null): RecentChoice[] {
  try {
    const parsed: unknown = JSON.parse(kept ?? '[]')
    return (Array.isArray(parsed) ? parsed.slice(0, 50) : []).flatMap((one) => Choice.safeParse(one).data ?? []).slice(0, mostRecent)
  } catch {
    return [] // not JSON
  }
}

/** The newest first, each once. */
export const withRecent = (before: readonly RecentChoice[], choice: RecentChoice): RecentChoice[] =>
  [choice, ...before.filter((other) => keyOf(other) !== keyOf(choice))].slice(0, mostRecent)

const storageKey = (operator: string) => `sallyport.palette.${operator}`
export const recentOf = (operator: string): RecentChoice[] => readRecent(localStorage.getItem(storageKey(operator)))
export function remember(operator: string, change: (before: RecentChoice[]) => RecentChoice[]): void {
  try {
    localStorage.setItem(storageKey(operator), JSON.stringify(change(recentOf(operator))))
  } catch {
    // Storage is full or switched off: nothing is remembered.
  }
}
/** A host that is gone. */
export const withoutRecent = (before: readonly RecentChoice[], gone: RecentChoice): RecentChoice[] => before.filter((other) => keyOf(other) !== keyOf(gone))

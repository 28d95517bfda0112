// Terminals outlive a reload of the page: the browser tab's own storage keeps where each one stands. The keys lie there and nowhere else.
import { z } from 'zod'
import type { Tab } from './open-tabs.ts'
import { listTabs, mostTabs, restoreTab, subscribeTabs } from './open-tabs.ts'

const place = 'sallyport.terminals'
const text = (most: number) => z.string().min(1).max(most)
const Goal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('asset'), asset: text(60), account: text(64), host: text(300) }),
  z.object({ kind: z.literal('address'), address: text(400), account: text(64), host: text(300) }),
  z.object({ kind: z.literal('watch'), session: text(60), operator: text(300), account: text(64), host: text(300) }),
])
const Entry = z.object({
  id: z.string().regex(/^\d{1,9}$/),
  goal: Goal,
  name: text(60).optional(),
  session: text(60).optional(),
  key: text(100).optional(),
  openedAtMs: z.number().optional(),
  // A terminal behind another cannot be measured, and must not make its host's any smaller.
  cols: z.number().int().min(1).max(1000).optional(),
  rows: z.number().int().min(1).max(1000).optional(),
})
type Entry = z.infer<typeof Entry>
const Kept = z.object({ operator: z.string(), tabs: z.array(Entry).max(mostTabs) })

type KeyPlace = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
const keys = new Map<string, { session: string; key: string }>()
let operator: string | undefined
let storage: KeyPlace | undefined
let written = ''
let stop: (() => void) | undefined

/** What a reload can bring back: a session, or something to watch. A tab that has ended, or has no session yet, is not. */
function kept(tab: Tab): Entry[] {
  if (tab.state === 'ended' && !(tab.end?.takenOver || tab.end?.alive || tab.end?.cut)) return []
  if (tab.session === undefined && tab.goal.kind !== 'watch') return []
  const key = keys.get(tab.id)
  const { id, goal, name, session, openedAtMs, cols, rows } = tab
  return [
    {
      id,
      goal,
      ...(name === undefined ? {} : { name }),
      ...(session === undefined ? {} : { session }),
      ...(key !== undefined && key.session === session ? { key: key.key } : {}),
      ...(openedAtMs === undefined ? {} : { openedAtMs }),
      ...(cols === undefined || rows === undefined ? {} : { cols, rows }),
    },
  ]
}

function write(): void {
  for (const id of keys.keys()) if (!listTabs().some((tab) => tab.id === id)) keys.delete(id)
  if (!storage || operator === undefined) return
  const tabs = listTabs().flatMap(kept)
  const next = tabs.length === 0 ? '' : JSON.stringify({ operator, tabs })
  if (next === written) return
  written = next
  try {
    if (next === '') storage.removeItem(place)
    else storage.setItem(place, next)
  } catch {
    // A browser that keeps nothing loses terminals at a reload; they can be taken over from the list of running ones.
  }
}

/** The newest key of a tab's session; a WELCOME has brought it. */
export function keepKey(tab: string, session: string, key: string): void {
  keys.set(tab, { session, key })
  write()
}
/** The session went elsewhere: the key is of no use any more. */
export function dropKey(tab: string): void {
  keys.delete(tab)
  write()
}
export const keyOf = (tab: string): { session: string; key: string } | undefined => keys.get(tab)

/** Brings back the terminals of this person, and keeps them from here on. Again with another person: what the one before left is forgotten. */
export function keepTabs(person: string, at: KeyPlace = sessionStorage): void {
  if (operator === person && stop) return
  stop?.()
  operator = person
  storage = at
  keys.clear()
  let before: z.infer<typeof Kept> | undefined
  try {
    before = Kept.safeParse(JSON.parse(at.getItem(place) ?? 'null')).data
  } catch {
    before = undefined // not what was written here
  }
  written = 'unread'
  for (const tab of before?.operator === person ? before.tabs : []) {
    if (listTabs().some(({ id }) => id === tab.id)) continue
    const { key, ...shown } = tab
    if (key !== undefined && tab.session !== undefined) keys.set(tab.id, { session: tab.session, key })
    restoreTab(shown)
  }
  stop = subscribeTabs(write)
  write()
}

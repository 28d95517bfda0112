// The terminals that are open, without React and without xterm: other pages open one here, the deck shows them.
import type { Notice, Prompt } from '#wire/terminal.ts'
import { hostText } from '../parts/format.ts'
import type { ClipboardOffer } from './clipboard-consent.ts'
import type { TabTransfer } from './transfer-list.ts'

export type Goal =
  | { kind: 'asset'; asset: string; account: string; host: string }
  | { kind: 'address'; address: string; account: string; host: string }
  /** A live session of `operator`, which is only looked at. */
  | { kind: 'watch'; session: string; operator: string; account: string; host: string }
export type TabEnd = {
  /** A reason of `end-reason.ts`; absent when no session came to be or the line was cut. */
  reason?: string | undefined
  /** A code of the error catalogue. */
  failure?: string | undefined
  message?: string | undefined
  exitStatus?: number | undefined
  signal?: string | undefined
  detail?: Record<string, unknown> | undefined
  /** The connection to the gateway went without a word. */
  cut?: boolean | undefined
  /** The session goes on at another place of the same operator. */
  takenOver?: boolean | undefined
  /** The session still lives; true when it is this person's own. */
  alive?: boolean | undefined
}
/** `reconnecting`: the session lives, its connection is gone. */
export type TabState = 'asking' | 'connecting' | 'prompting' | 'open' | 'reconnecting' | 'ended'
export type Tab = {
  id: string
  /** Counts reconnects: each has a fresh terminal. */
  attempt: number
  goal: Goal
  state: TabState
  /** What the person calls it. */
  name?: string | undefined
  /** What the host calls itself, cleaned. */
  hostTitle?: string | undefined
  session?: string
  /** Why this attempt's session is needed, as the person said. */
  reason?: string
  /** A live session that this attempt takes over instead of opening a new one. */
  attach?: string
  /** While reconnecting: which attempt, when it is made (0: now), and until when the session is kept. */
  again?: { attempt: number; atMs: number; keptUntilMs: number | undefined } | undefined
  openedAtMs?: number
  endedAtMs?: number
  cols?: number
  rows?: number
  clientMs?: number | undefined
  hostMs?: number | undefined
  prompt?: Prompt | undefined
  notice?: Notice | undefined
  end?: TabEnd
  /** Names of those who watch now. */
  watchers?: readonly string[] | undefined
  /** The bell rang while nobody looked. */
  rang?: true | undefined
  rangAtMs?: number
  /** What the host wants on the clipboard. */
  offer?: ClipboardOffer | undefined
  /** When the search was last asked for; absent while it is closed. */
  searching?: number | undefined
  /** `sz` and `rz`, the newest last. */
  transfers?: readonly TabTransfer[] | undefined
  /** Where the shell stands, as it says itself. */
  folder?: string | undefined
}

/** A browser gives up WebGL contexts and memory long before a person reads more terminals than this. */
export const mostTabs = 32

/** Of closed tabs that can be opened again. */
export const mostClosed = 20
/** Of a name that a person gives; more would not be seen. */
export const longestName = 60

let tabs: readonly Tab[] = []
let closed: readonly Pick<Tab, 'goal' | 'name'>[] = []
let counter = 0
const listeners = new Set<() => void>()
function set(next: readonly Tab[]): void {
  tabs = next
  for (const listener of listeners) listener()
}

export const listTabs = (): readonly Tab[] => tabs
export function subscribeTabs(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export type OpenTabOptions = {
  name?: string | undefined
  after?: string | undefined
  /** One's own live session, which is taken over, and when it began. */
  attach?: string | undefined
  openedAtMs?: number | undefined
}

/** The id of the new tab; undefined when there are 32 already. Ended tabs give way first, the oldest of them. Stands behind `after`, else last. */
export function openTab(goal: Goal, { name, after, attach, openedAtMs }: OpenTabOptions = {}): string | undefined {
  let kept = tabs
  if (kept.length >= mostTabs) {
    const oldest = kept.find((tab) => tab.state === 'ended' && tab.id !== after)
    if (!oldest) return undefined
    kept = kept.filter((tab) => tab !== oldest)
  }
  const id = String(++counter)
  const at = kept.findIndex((tab) => tab.id === after)
  set(
    kept.toSpliced(at === -1 ? kept.length : at + 1, 0, {
      id,
      attempt: 1,
      goal,
      state: 'asking',
      name,
      ...(attach === undefined ? {} : { attach }),
      ...(openedAtMs === undefined ? {} : { openedAtMs }),
    }),
  )
  return id
}

type Place = 'session' | 'openedAtMs' | 'cols' | 'rows'
export type KeptTab = Pick<Tab, 'id' | 'goal' | 'name'> & { [Key in Place]?: Tab[Key] | undefined }

/** A tab of this browser tab's life before the page was loaded again, under its own id. */
export function restoreTab({ id, goal, name, session, openedAtMs, cols, rows }: KeptTab): void {
  counter = Math.max(counter, Number(id))
  const known = {
    ...(session === undefined ? {} : { session }),
    ...(openedAtMs === undefined ? {} : { openedAtMs }),
    ...(cols === undefined || rows === undefined ? {} : { cols, rows }),
  }
  set([...tabs, { id, attempt: 1, goal, name, ...known, state: 'connecting' }])
}

export function changeTab(id: string, attempt: number, change: Partial<Tab>): void {
  set(tabs.map((tab) => (tab.id === id && tab.attempt === attempt ? { ...tab, ...change } : tab)))
}

/** `reason`: why the session is needed, where a grant asks for it. */
export function reconnectTab(id: string, reason?: string): void {
  const again = (tab: Tab): Tab => ({
    ...{ id, attempt: tab.attempt + 1, goal: tab.goal, name: tab.name, state: 'asking' },
    ...(reason === undefined ? {} : { reason }),
  })
  set(tabs.map((tab) => (tab.id === id && tab.state === 'ended' ? again(tab) : tab)))
}

/** Takes the session of a tab back, which goes on elsewhere. */
export function takeBackTab(id: string): void {
  set(
    tabs.map((tab) => {
      const { attempt, goal, name, session, openedAtMs } = tab
      if (tab.id !== id || tab.state !== 'ended' || session === undefined) return tab
      return { id, attempt: attempt + 1, goal, name, attach: session, state: 'asking', ...(openedAtMs === undefined ? {} : { openedAtMs }) }
    }),
  )
}

/** An empty name takes the person's name away. Cleaned as text of a host is, since it may have been pasted from one. */
export function renameTab(id: string, name: string): void {
  const clean = hostText(name.trim(), longestName)
  set(tabs.map((tab) => (tab.id === id ? { ...tab, name: clean === '' ? undefined : clean } : tab)))
}

/** Puts the tab at place `to`, counted without it; places beyond the ends count as the ends. */
export function moveTab(id: string, to: number): void {
  const moved = tabs.find((tab) => tab.id === id)
  if (!moved) return
  const others = tabs.filter((tab) => tab !== moved)
  set(others.toSpliced(Math.min(others.length, Math.max(0, to)), 0, moved))
}

/** The tab to show after this one is gone: its right neighbour, else its left. */
export function closeTab(id: string): string | undefined {
  const at = tabs.findIndex((tab) => tab.id === id)
  const next = tabs[at + 1] ?? tabs[at - 1]
  const gone = tabs[at]
  if (gone) closed = [...closed, { goal: gone.goal, name: gone.name }].slice(-mostClosed)
  set(tabs.filter((tab) => tab.id !== id))
  return next?.id
}

/** What `reopenTab` would open; undefined when nothing was closed. */
export const lastClosed = (): Pick<Tab, 'goal' | 'name'> | undefined => closed.at(-1)
/** A new session to where the tab closed last went. The id of the tab; undefined when there is none or no room. */
export function reopenTab(): string | undefined {
  const last = closed.at(-1)
  const id = last && openTab(last.goal, { name: last.name })
  if (id !== undefined) closed = closed.slice(0, -1)
  return id
}

export function closeAllTabs(): void {
  closed = []
  set([])
}

/** Whether nothing has begun yet because a grant asks why first. */
export const asksReason = (tab: Pick<Tab, 'state' | 'end'>): boolean => tab.state === 'ended' && tab.end?.failure === 'reason_required'
/** The state as a person reads it: who is asked for a reason has ended nothing. */
export const readState = (tab: Pick<Tab, 'state' | 'end'>): TabState => (asksReason(tab) ? 'prompting' : tab.state)

/** `root@web-1`. */
export const goalTitle = ({ account, host }: Goal): string => `${account}@${host}`
/** What the person calls it, else `root@web-1`. */
export const tabTitle = (tab: Pick<Tab, 'goal' | 'name'>): string => tab.name ?? goalTitle(tab.goal)

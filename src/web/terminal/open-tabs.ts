// The terminals that are open, without React and without xterm: other pages open one here, the deck shows them.
import type { Notice, Prompt } from '#wire/terminal.ts'

export type Goal = { kind: 'asset'; asset: string; account: string; host: string } | { kind: 'address'; address: string; account: string; host: string }
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
}
export type TabState = 'asking' | 'connecting' | 'prompting' | 'open' | 'ended'
export type Tab = {
  id: string
  /** Counts reconnects: each has a fresh terminal. */
  attempt: number
  goal: Goal
  state: TabState
  /** What the host calls itself, cleaned. */
  hostTitle?: string
  session?: string
  openedAtMs?: number
  endedAtMs?: number
  cols?: number
  rows?: number
  clientMs?: number | undefined
  hostMs?: number | undefined
  prompt?: Prompt | undefined
  notice?: Notice | undefined
  end?: TabEnd
}

/** A browser gives up WebGL contexts and memory long before a person reads more terminals than this. */
export const mostTabs = 32

let tabs: readonly Tab[] = []
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

/** The id of the new tab; undefined when there are 32 already. Ended tabs give way first, the oldest of them. */
export function openTab(goal: Goal): string | undefined {
  let kept = tabs
  if (kept.length >= mostTabs) {
    const oldest = kept.find((tab) => tab.state === 'ended')
    if (!oldest) return undefined
    kept = kept.filter((tab) => tab !== oldest)
  }
  const id = String(++counter)
  set([...kept, { id, attempt: 1, goal, state: 'asking' }])
  return id
}

export function changeTab(id: string, attempt: number, change: Partial<Tab>): void {
  set(tabs.map((tab) => (tab.id === id && tab.attempt === attempt ? { ...tab, ...change } : tab)))
}

export function reconnectTab(id: string): void {
  set(tabs.map((tab) => (tab.id === id && tab.state === 'ended' ? { id, attempt: tab.attempt + 1, goal: tab.goal, state: 'asking' } : tab)))
}

/** The tab to show after this one is gone: its right neighbour, else its left. */
export function closeTab(id: string): string | undefined {
  const at = tabs.findIndex((tab) => tab.id === id)
  const next = tabs[at + 1] ?? tabs[at - 1]
  set(tabs.filter((tab) => tab.id !== id))
  return next?.id
}

export const closeAllTabs = (): void => set([])

/** `root@web-1`. */
export const tabTitle = (tab: Tab): string => `${tab.goal.account}@${tab.goal.host}`

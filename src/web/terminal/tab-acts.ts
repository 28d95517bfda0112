// What can be done with a tab, from its menu, its keys and the buttons beside the strip alike.
import type { Tab } from './open-tabs.ts'
import type { SplitDirection } from './split-layout.ts'

export interface TabActs {
  choose(id: string): void
  /** Asks first while a session runs. */
  close(tab: Tab): void
  beginRename(id: string): void
  rename(id: string, name: string): void
  endRename(): void
  /** One place to the left (-1) or right (1). */
  step(tab: Tab, by: -1 | 1): void
  /** To this place, counted without it. */
  place(id: string, to: number): void
  duplicate(tab: Tab): void
  /** Beside a new session to the same host, or turns the split that there is. */
  split(tab: Tab, direction: SplitDirection): void
  unsplit(tab: Tab): void
  reopen(): void
  search(tab: Tab): void
  /** Shows the host's files beside the terminal, or puts them away. */
  files(tab: Tab): void
  settings(): void
  /** A menu is gone: whoever was put nowhere by what they chose goes back to their terminal. */
  settle(): void
}

// What the palette offers.
import type { Icon } from '@tabler/icons-react'
import type { RecentChoice } from './recent-choices.ts'

export const groups = ['connect', 'recent', 'hosts', 'people', 'sessions', 'pages', 'actions'] as const
export type Group = (typeof groups)[number]

export type Item = {
  /** Of its own among all that are shown. */
  id: string
  group: Group
  title: string
  note?: string | undefined
  /** The note is an address. */
  isAddress?: boolean
  icon: Icon
  /** A word of the title begins as what was typed. */
  begins: boolean
  /** It came from the server, for what was asked then. */
  isAnswer?: boolean
  run: () => void
  /** The palette stays open. */
  stays?: boolean
  keep?: RecentChoice
}

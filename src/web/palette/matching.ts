// What of the pages and actions fits what was typed, and in which order the groups stand. Pure.
import type { Group } from './items.ts'

const lowered = (text: string) => text.normalize('NFKC').toLowerCase()
export const wordsOf = (text: string): string[] => lowered(text).split(/\s+/).filter(Boolean).slice(0, 8)

/** Every word stands in the title or among the words that the entry is looked for by. */
export function fits(text: string, title: string, keywords: string): boolean {
  const where = lowered(`${title} ${keywords}`)
  return wordsOf(text).every((word) => where.includes(word))
}

/** True when a word of the title begins as what was typed does. */
export function begins(text: string, title: string): boolean {
  const typed = lowered(text).trim()
  if (typed === '') return false
  const name = lowered(title)
  return name.startsWith(typed) || name.split(/[\s_.:/-]+/).some((word) => word.startsWith(typed))
}

/** Groups in which something is called as was typed come before those where it only stands somewhere. */
export function inOrder<Item extends { group: Group; begins: boolean }>(items: readonly Item[], order: readonly Group[]): Item[] {
  const isNear = new Set(items.filter((item) => item.begins).map(({ group }) => group))
  const place = (group: Group) => order.indexOf(group) + (isNear.has(group) || group === 'connect' ? 0 : order.length)
  return items.toSorted((one, other) => place(one.group) - place(other.group) || (one.group === other.group ? Number(other.begins) - Number(one.begins) : 0))
}

/** The place after or before, round and round; -1 where there is none. */
export const step = (at: number, by: 1 | -1, count: number): number => (count === 0 ? -1 : at === -1 ? (by === 1 ? 0 : count - 1) : (at + by + count) % count)

// Changes to many hosts at once: in bites that the server takes, and how a change of tags is taken back. Pure.
import type { AssetView } from '#wire/api/assets.ts'

export const otherKinds = ['policy', 'via', 'port', 'account'] as const
export type BulkKind = 'tags' | 'remove' | (typeof otherKinds)[number]
/** What is kept of a selected host, which may be on a page of the list that is not shown. */
export type ChosenHost = Pick<AssetView, 'id' | 'name' | 'tags'>

/** What the server changes in one transaction. */
export const mostAtOnce = 500
/** Deleting more than this asks for the number to be typed. */
export const mostWithoutTyping = 20
/** So many names are read out before the rest is counted. */
export const mostNames = 5
/** So many hosts are chosen at most by "all that match". */
export const mostChosen = 5000

export function inBites<Item>(items: readonly Item[], size = mostAtOnce): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}

export type TagChange = { ids: string[]; addTags?: string[]; removeTags?: string[] }

/**
 * The changes that give each host the tags it had before `addTags` were put on and `removeTags` taken off: only what really changed is turned back.
 * Hosts that need the same are changed together.
 */
export function undoOfTags(hosts: readonly Pick<AssetView, 'id' | 'tags'>[], { addTags = [], removeTags = [] }: Omit<TagChange, 'ids'>): TagChange[] {
  const together = new Map<string, TagChange>()
  for (const { id, tags } of hosts) {
    const taken = addTags.filter((tag) => !tags.includes(tag))
    const given = removeTags.filter((tag) => tags.includes(tag))
    if (taken.length === 0 && given.length === 0) continue
    const key = JSON.stringify([taken, given])
    const before = together.get(key)
    if (before) before.ids.push(id)
    else together.set(key, { ids: [id], ...(given.length > 0 ? { addTags: given } : {}), ...(taken.length > 0 ? { removeTags: taken } : {}) })
  }
  return [...together.values()].flatMap((change) => inBites(change.ids).map((ids) => ({ ...change, ids })))
}

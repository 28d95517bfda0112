import type { Store } from '../store/open-store.ts'
import { tagsOf } from './asset-rows.ts'

/** More are not told. */
const maxTags = 500

/** Every tag and how many hosts have it: the most used first, then by name; at most 500. */
export async function listTags(store: Store): Promise<{ tag: string; hosts: number }[]> {
  const counted = new Map<string, number>()
  const rows = await store.db.selectFrom('assets').select('tags').where('tags', '<>', '[]').execute()
  for (const tag of rows.flatMap(tagsOf)) counted.set(tag, (counted.get(tag) ?? 0) + 1)
  return [...counted]
    .map(([tag, hosts]) => ({ tag, hosts }))
    .sort((left, right) => right.hosts - left.hosts || (left.tag < right.tag ? -1 : 1))
    .slice(0, maxTags)
}

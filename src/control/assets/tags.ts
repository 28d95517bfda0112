import type { Viewer } from '../access/sight.ts'
import type { Store } from '../store/open-store.ts'
import { tagsOf } from './asset-rows.ts'
import { seenAssets } from './seen-assets.ts'

/** More are not told. */
const maxTags = 500

/** Every tag of the hosts that the viewer sees, and how many of them have it: the most used first, then by name; at most 500. */
export async function listTags(store: Store, { sight }: Viewer): Promise<{ tag: string; hosts: number }[]> {
  const counted = new Map<string, number>()
  for (const tag of sight === 'all' ? await allTags(store) : (await seenAssets(store.db, sight, false)).flatMap(({ tags }) => tags))
    counted.set(tag, (counted.get(tag) ?? 0) + 1)
  return [...counted]
    .map(([tag, hosts]) => ({ tag, hosts }))
    .sort((left, right) => right.hosts - left.hosts || (left.tag < right.tag ? -1 : 1))
    .slice(0, maxTags)
}

async function allTags(store: Store): Promise<string[]> {
  return (await store.db.selectFrom('assets').select('tags').where('tags', '<>', '[]').execute()).flatMap(tagsOf)
}

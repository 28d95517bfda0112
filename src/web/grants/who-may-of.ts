import type { GrantView } from '#wire/api/access.ts'
import type { WhoMaySearch } from './access-search.ts'
import { inOrder } from './grant-words.ts'

/** The question that a grant answers best: about its one person or its one host. */
export function whoMayOf({ operators, groups, assets, tags, actions }: GrantView): WhoMaySearch {
  const person = operators.length === 1 && groups.length === 0 ? operators[0]?.username : undefined
  const host = assets !== 'all' && tags.length === 0 ? assets[0]?.name : undefined
  const [action] = inOrder(actions)
  return {
    ...(person === undefined ? {} : { operator: person }),
    ...(host === undefined ? {} : { asset: host }),
    ...(action === undefined || action === 'shell' ? {} : { action }),
  }
}

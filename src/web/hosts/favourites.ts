import type { AssetView } from '#wire/api/assets.ts'
import { api, queries } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { changeKept } from './kept-hosts.ts'

/** Stars a host, or takes the star away: shown at once, taken back when the server refuses. */
export async function toggleFavourite({ id, favourite }: Pick<AssetView, 'id' | 'favourite'>): Promise<void> {
  changeKept([id], () => ({ favourite: !favourite }))
  try {
    await (favourite ? api.assets.unsetFavourite({ id }) : api.assets.setFavourite({ id }))
    // The list of favourites itself is another one now.
    await queries.invalidateQueries({ queryKey: ['assets', 'list'] })
  } catch (error) {
    changeKept([id], () => ({ favourite }))
    notifyFailure(error)
  }
}

import type { ShelfState } from '#wire/link.ts'
import { chainStart } from './chain.ts'
import type { Shelf } from './shelf.ts'

/** What control answers to `shelf-state` for a session that it knows. */
export async function shelfStateOf(shelf: Shelf, session: string): Promise<ShelfState> {
  const state = await shelf.state(session)
  if (state === undefined) return { state: 'open', nextIndex: 0, head: chainStart, atMs: 0, offset: 0 }
  return { state: state.sealed ? 'sealed' : 'open', nextIndex: state.blocks, head: state.last.sha256, atMs: state.last.toMs, offset: state.last.toOffset }
}

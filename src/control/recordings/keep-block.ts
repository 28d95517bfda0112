// Blocks of recordings on their way from gateways to the shelf.
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Shelf, ShelfBlock } from '#recording/shelf.ts'
import type { Keyframe } from '#wire/link.ts'
import type { Refusals } from '../link/refusals.ts'
import { ownSession, refuseForeign } from '../sessions/own-session.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { keepCommands } from '../commands/keep-commands.ts'
import { keepKeyframe } from './keep-keyframe.ts'

export type BlockParts = { store: Store; shelf: Shelf; refusals: Refusals; disk: { readonly isLow: boolean }; now?: () => number }
type Growth = { gateway: string; bytes: number; seconds: number }

function withoutCommands({ header, frame }: ShelfBlock): ShelfBlock {
  const kept = { ...header }
  delete kept.commands
  return { header: kept, frame }
}

/** Rows are told of growth with the next beat, not with each block: thousands of blocks would be thousands of transactions. What a crash forgets, sealing counts anew. */
export class Blocks {
  readonly #parts: BlockParts
  readonly #growth = new Map<string, Growth>()

  constructor(parts: BlockParts) {
    this.#parts = parts
  }

  /** Blocks of one session in order. Resolves when they are durable. Throws `forbidden` for another gateway's session, `conflict` for a gap, another digest, or a recording that is gone (then none was put); and an error that is no `Failure` when the disk is full. */
  async keep(gateway: GatewayId, blocks: readonly ShelfBlock[]): Promise<void> {
    const { store, shelf, refusals, disk } = this.#parts
    const session = blocks[0]?.header.session
    if (session === undefined) return
    const row = await ownSession(store.db, gateway, session)
    if (!row) throw await refuseForeign(refusals, gateway, 'block', session)
    if (row.recordingState === 'expired') throw new Failure('conflict', 'The recording was removed.')
    if (disk.isLow) throw new Error('the disk of the shelf is full')
    // Before the blocks: once they are on the shelf nobody tells these again. Told again they add nothing.
    const told = blocks.flatMap(({ header }) => header.commands ?? [])
    await keepCommands(store, row, told, this.#parts.now?.() ?? Date.now())
    await shelf.putAll(blocks.map(withoutCommands))
    let { bytes, seconds } = this.#growth.get(session) ?? { bytes: 0, seconds: 0 }
    for (const { header, frame } of blocks) {
      bytes += frame.length
      seconds = Math.max(seconds, header.toMs / 1000)
    }
    this.#growth.set(session, { gateway, bytes, seconds })
  }

  /** A screen beside the blocks; see `keepKeyframe`. */
  keepScreen(gateway: GatewayId, keyframe: Keyframe): Promise<void> {
    return keepKeyframe(this.#parts, gateway, keyframe)
  }

  /** What has grown since the last call, for the rows; to be put back when the transaction fails. */
  takeGrowth(gateway: string): ReadonlyMap<string, Growth> {
    const taken = new Map([...this.#growth].filter(([, growth]) => growth.gateway === gateway))
    for (const session of taken.keys()) this.#growth.delete(session)
    return taken
  }
  putBack(growth: ReadonlyMap<string, Growth>): void {
    for (const [session, { gateway, bytes, seconds }] of growth) {
      const since = this.#growth.get(session)
      this.#growth.set(session, { gateway, bytes: bytes + (since?.bytes ?? 0), seconds: Math.max(seconds, since?.seconds ?? 0) })
    }
  }
}

export async function noteGrowth(trx: Trx, growth: ReadonlyMap<string, Growth>): Promise<void> {
  for (const [session, { bytes, seconds }] of growth)
    await trx
      .updateTable('sessions')
      .set((eb) => ({ recordingState: 'writing', recordingBytes: eb('recordingBytes', '+', bytes), recordingSeconds: seconds }))
      .where('id', '=', session)
      // Sealed or removed meanwhile: their numbers are final. Null: the session failed before it showed anything, and its first block has come since.
      .where((eb) => eb.or([eb('recordingState', '=', 'writing'), eb('recordingState', 'is', null)]))
      .where('recordingHead', 'is', null)
      .execute()
}

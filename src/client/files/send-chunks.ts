// The bytes of one file, piece after piece in their order: the other side says where it stands, and a lost line costs one piece.
import { Failure } from '#domain/failure.ts'
import { asFailure } from '../failure-answer.ts'
import { lost } from './file-request.ts'
import type { Patience } from './patience.ts'

const mebi = 1024 * 1024
/** Half of what one request may hold: a piece is what a lost line costs, and each is one turn there and back. */
export const largestPiece = 8 * mebi
const smallestPiece = mebi / 4
/** Progress is told once a piece, so that a slow line has smaller ones. */
const [quickMs, slowMs] = [600, 2500]
/** The other side may say once in a while that it stands elsewhere; one that says it again and again goes in circles. */
const mostCorrections = 8

export type ChunkRoad = {
  file: Blob
  /** Where the other side stands. */
  from: number
  /** Sends `piece` as the bytes from `offset` on; answers where it stands now. Rejects with `Failure`; `offset_wrong` says in `detail.offset` where it stands. */
  put(offset: number, piece: Blob, signal: AbortSignal): Promise<{ offset: number }>
  requestMs: number
  patience: Patience
  signal: AbortSignal
  /** Absolute: so much has arrived. */
  onMoved: (offset: number) => void
}

/** Resolves when every byte has arrived. Rejects with `Failure` (`file_changed` when the file cannot be read any more), and with the signal's reason. */
export async function sendChunks({ file, from, put, requestMs, patience, signal, onMoved }: ChunkRoad): Promise<void> {
  let offset = from
  let size = mebi
  let corrections = 0
  while (offset < file.size) {
    signal.throwIfAborted()
    const piece = file.slice(offset, Math.min(file.size, offset + size))
    const limit = AbortSignal.timeout(requestMs)
    const begunMs = performance.now()
    try {
      const { offset: now } = await put(offset, piece, AbortSignal.any([signal, limit]))
      if (now <= offset || now > offset + piece.size) throw new Failure('internal', `The server stands at ${now}, which cannot be.`)
      const tookMs = performance.now() - begunMs
      size = tookMs < quickMs ? Math.min(largestPiece, size * 2) : tookMs > slowMs ? Math.max(smallestPiece, size / 2) : size
      offset = now
      corrections = 0
      patience.moved()
      onMoved(offset)
    } catch (error) {
      signal.throwIfAborted()
      const failure = limit.aborted ? lost(error) : asFailure(error)
      const stands = failure.code === 'offset_wrong' ? offsetOf(failure, file.size) : undefined
      if (stands !== undefined && ++corrections <= mostCorrections) {
        offset = stands
        onMoved(offset)
        continue
      }
      if (failure.detail?.['lost']) await seeReadable(piece)
      size = Math.max(smallestPiece, size / 2)
      await patience.wait(failure, signal)
    }
  }
}

function offsetOf(failure: Failure, most: number): number | undefined {
  const stands = failure.detail?.['offset']
  return typeof stands === 'number' && Number.isSafeInteger(stands) && stands >= 0 && stands <= most ? stands : undefined
}

/** A browser says of a file that was changed or deleted while it was sent only that the request failed. */
async function seeReadable(piece: Blob): Promise<void> {
  try {
    await piece.slice(0, 1).arrayBuffer()
  } catch (cause) {
    throw new Failure('file_changed', 'The file was changed or removed while it was sent. Choose it again.', { cause })
  }
}

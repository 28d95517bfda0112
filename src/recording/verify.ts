// Whether a recording is what was recorded. Reads frames, not the index: what is not in the frames is not in the recording.
import type { KeyObject } from 'node:crypto'
import { isFailure } from '#domain/failure.ts'
import { chainDigest, chainStart } from './chain.ts'
import { isSignedBy } from './seal.ts'
import type { RecordingHead, Shelf } from './shelf.ts'
import { decompressFrame, walkFrames } from './zstd-frames.ts'

export type Verdict = {
  state: 'verified' | 'consistent' | 'incomplete' | 'altered'
  /** Whole blocks whose chain was followed. */
  blocks: number
  /** Names the block and the byte offset in the file; for `incomplete` says what is missing. */
  problem?: string
  /** Fingerprint of the key that the head names. */
  key?: string
}

/** What is known beside the frames. `digests` come from the index and let the first altered block be named. */
export type VerifyFacts = { session: string; head?: RecordingHead; digests?: string[]; publicKey?: KeyObject }

/** Verifies the bytes of a `.cast.zst`. Throws only what reading throws. */
export async function verifyFrames(chunks: AsyncIterable<Uint8Array>, facts: VerifyFacts): Promise<Verdict> {
  const { head, digests, publicKey } = facts
  const key = head === undefined ? {} : { key: head.key }
  let blocks = 0
  let digest = chainStart
  let castBytes = 0
  let end = 0
  const altered = (problem: string): Verdict => ({ state: 'altered', blocks, problem, ...key })
  const here = (at: number) => `block ${blocks} at byte ${at}`

  if (head !== undefined && head.session !== facts.session) return altered(`the head belongs to another session (${head.session})`)
  try {
    for await (const part of walkFrames(chunks)) {
      if ('cut' in part) return altered(`${here(part.at)} is cut: ${part.cut.length} bytes are not a whole frame`)
      const text = decompressFrame(part.frame)
      digest = chainDigest(digest, part.frame)
      if (digests !== undefined && digests[blocks] !== digest)
        return altered(digests[blocks] === undefined ? `${here(part.at)} is not in the index` : `${here(part.at)} differs from the index`)
      blocks += 1
      castBytes += text.length
      end = part.at + part.frame.length
    }
  } catch (cause) {
    if (!isFailure(cause)) throw cause
    return altered(`${here(end)} cannot be read: ${cause.message}`)
  }
  if (digests !== undefined && blocks < digests.length) return altered(`${here(end)} is missing: the index has ${digests.length} blocks`)
  if (head === undefined) return { state: 'incomplete', blocks, problem: 'the recording is not sealed' }
  // The caller gives a key only when the head names that key: a signature that then does not fit is a forgery.
  if (publicKey !== undefined && !isSignedBy(head, publicKey)) return altered('the signature of the head does not fit it')
  if (blocks < head.blocks) return altered(`${here(end)} is missing: the head has ${head.blocks} blocks`)
  if (blocks > head.blocks) return altered(`there are ${blocks} blocks up to byte ${end}, the head has ${head.blocks}`)
  if (digest !== head.head) return altered(`the chain of ${blocks} blocks up to byte ${end} does not end as the head says`)
  if (castBytes !== head.castBytes) return altered(`the text has ${castBytes} bytes, the head says ${head.castBytes}`)
  if (head.incomplete) return { state: 'incomplete', blocks, problem: 'the recording was sealed after a loss: it ends before the session did', ...key }
  return { state: publicKey === undefined ? 'consistent' : 'verified', blocks, ...key }
}

/**
 * Verifies a recording on a shelf. `keyOf` gives the trusted public key for the fingerprint that a head names, undefined when it is not trusted.
 * Undefined when there is no such recording.
 */
export async function verifyRecording(shelf: Shelf, session: string, keyOf: (fingerprint: string) => KeyObject | undefined): Promise<Verdict | undefined> {
  try {
    const head = await shelf.head(session)
    if (head === undefined && (await shelf.state(session)) === undefined) return undefined
    const publicKey = head === undefined ? undefined : keyOf(head.key)
    const digests = (await shelf.index(session)).map((block) => block.sha256)
    const facts = { session, digests, ...(head === undefined ? {} : { head }), ...(publicKey === undefined ? {} : { publicKey }) }
    return await verifyFrames(shelf.file(session), facts)
  } catch (cause) {
    if (!isFailure(cause)) throw cause
    return { state: 'altered', blocks: 0, problem: cause.message }
  }
}

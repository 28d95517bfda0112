// The head of a recording: the facts of its chain, signed. The key stays with the caller.
import { verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { Failure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { Report } from '#wire/link.ts'
import type { RecordingHead, Shelf } from './shelf.ts'

export const headSignaturePrefix = 'sallyport.recording.v1'

const Digest = z.string().regex(/^[0-9a-f]{64}$/)
export const StoredHead = z.strictObject({
  version: z.literal(1),
  session: SessionId,
  blocks: z.number().int().min(0),
  head: Digest,
  seconds: z.number().min(0),
  castBytes: z.number().int().min(0),
  incomplete: z.boolean(),
  sealedAt: z.string().max(40),
  key: z.string().max(100),
  signature: z.string().max(200),
})

/** What is signed: the prefix, a zero byte, the JSON of all fields but `signature` with keys in alphabetical order. */
export function signedBytes(head: Omit<RecordingHead, 'signature'>): Buffer {
  const { version, session, blocks, head: digest, seconds, castBytes, incomplete, sealedAt, key } = head
  const facts = { blocks, castBytes, head: digest, incomplete, key, seconds, sealedAt, session, version }
  return Buffer.from(`${headSignaturePrefix}\0${JSON.stringify(facts)}`, 'utf8')
}

/** `fingerprint` names the key; `sign` is Ed25519. */
export type HeadSigner = { fingerprint: string; sign: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array> }

/**
 * Signs the head of what stands on the shelf and seals it; sealed before, it returns that head.
 * Throws `Failure('recording_not_found')` when nothing was put, `Failure('conflict')` when the report tells of another chain.
 */
export async function sealRecording(shelf: Shelf, report: Extract<Report, { report: 'sealed' }>, signer: HeadSigner, sealedAt: Date): Promise<RecordingHead> {
  const sealed = await shelf.head(report.session)
  if (sealed !== undefined) return sealed
  const state = await shelf.state(report.session)
  if (state === undefined) throw new Failure('recording_not_found', 'There is no such recording.')
  if (state.blocks !== report.blocks || state.last.sha256 !== report.head)
    throw new Failure('conflict', 'The gateway sealed another chain than the one on the shelf.')
  const castBytes = (await shelf.index(report.session)).reduce((sum, block) => sum + block.castBytes, 0)
  const facts: Omit<RecordingHead, 'signature'> = {
    version: 1,
    session: report.session,
    blocks: state.blocks,
    head: state.last.sha256,
    seconds: report.seconds,
    castBytes,
    incomplete: report.incomplete,
    sealedAt: sealedAt.toISOString(),
    key: signer.fingerprint,
  }
  const head = { ...facts, signature: Buffer.from(await signer.sign(signedBytes(facts))).toString('base64') }
  await shelf.seal(head)
  return head
}

export function isSignedBy(head: RecordingHead, publicKey: KeyObject): boolean {
  return publicKey.asymmetricKeyType === 'ed25519' && verify(null, signedBytes(head), publicKey, Buffer.from(head.signature, 'base64'))
}

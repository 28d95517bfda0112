import { HostKey } from '#domain/host-key.ts'
import { blobType, fingerprintOf } from './private-key.ts'

/** The domain's host key from the blob that a host offered (RFC 4253 section 6.6). Undefined when the bytes are no key blob or larger than 6 KB. */
export function hostKeyFromBlob(blob: Uint8Array): HostKey | undefined {
  const type = blobType(blob)
  if (type === undefined || blob.length > 6000) return undefined
  const parsed = HostKey.safeParse({ type, fingerprint: fingerprintOf(blob), key: Buffer.from(blob).toString('base64') })
  return parsed.success ? parsed.data : undefined
}

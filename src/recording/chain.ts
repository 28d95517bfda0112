import { createHash } from 'node:crypto'

/** `previous` of the first block. */
export const chainStart = '0'.repeat(64)

/** SHA-256 over the 32 bytes of the digest before, then the block's zstd frame as it lies on the shelf; hex. */
export const chainDigest = (previous: string, frame: Uint8Array): string => createHash('sha256').update(previous, 'hex').update(frame).digest('hex')

// Frames of zstd, one by one. Node's decoder stops after the first frame of a file and reports no error, so files are never handed to it whole.
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { Failure } from '#domain/failure.ts'

/** Text of a block when written. */
export const maxBlockBytes = 256 * 1024
/** A frame that claims more text than this is not ours. */
const maxFrameTextBytes = 1024 * 1024
/** 256 KiB that do not compress, with room. */
export const maxFrameBytes = 1024 * 1024
const windowLogLimit = 20

const options = {
  /** A block becomes about 30 KiB: without it the answer is put together from pieces of 16 KiB. */
  chunkSize: 64 * 1024,
  params: {
    [constants.ZSTD_c_compressionLevel]: 1,
    /** Frames are independent and at most 256 KiB: a larger window buys nothing and costs memory. */
    [constants.ZSTD_c_windowLog]: 18,
    /** Without it more than half of all flipped bits in a frame pass unseen. */
    [constants.ZSTD_c_checksumFlag]: 1,
    [constants.ZSTD_c_contentSizeFlag]: 1,
  },
}

export const compressFrame = (text: Uint8Array): Buffer => zstdCompressSync(text, options)

export type FrameShape = { frameBytes: number; textBytes: number }

/**
 * Measures the frame at `at` without decoding it (RFC 8878 section 3.1.1): undefined when the bytes end before it does.
 * Throws `Failure('bad_request')` when it is no frame, or one that this product does not write (dictionary, no declared size, no checksum, too large).
 */
export function measureFrame(bytes: Uint8Array, at: number): FrameShape | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length - at < 6) return undefined
  if (view.getUint32(at, true) !== 0xfd2fb528) throw new Failure('bad_request', `There is no zstd frame at byte ${at}.`)
  const descriptor = view.getUint8(at + 4)
  const isSingle = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  if ((descriptor & 0x0b) !== 0 || (descriptor & 4) === 0)
    throw new Failure('bad_request', `The zstd frame at byte ${at} is not of the kind that is written here.`)
  let cursor = at + 5 + (isSingle ? 0 : 1)
  const sizeBytes = sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag
  if (sizeBytes === 0) throw new Failure('bad_request', `The zstd frame at byte ${at} does not say how much it holds.`)
  if (bytes.length < cursor + sizeBytes + 3) return undefined
  const textBytes =
    sizeBytes === 1
      ? view.getUint8(cursor)
      : sizeBytes === 2
        ? view.getUint16(cursor, true) + 256
        : sizeBytes === 4
          ? view.getUint32(cursor, true)
          : Number(view.getBigUint64(cursor, true))
  if (textBytes > maxFrameTextBytes) throw new Failure('bad_request', `The zstd frame at byte ${at} claims ${textBytes} bytes.`)
  cursor += sizeBytes
  for (;;) {
    if (bytes.length < cursor + 3) return undefined
    const block = view.getUint8(cursor) | (view.getUint8(cursor + 1) << 8) | (view.getUint8(cursor + 2) << 16)
    const kind = (block >> 1) & 3
    if (kind === 3) throw new Failure('bad_request', `The zstd frame at byte ${at} holds a reserved block.`)
    cursor += 3 + (kind === 1 ? 1 : block >> 3)
    if (cursor - at > maxFrameBytes) throw new Failure('bad_request', `The zstd frame at byte ${at} is too long.`)
    if ((block & 1) === 1) break
  }
  return cursor + 4 > bytes.length ? undefined : { frameBytes: cursor + 4 - at, textBytes }
}

/** The text of exactly one frame. Throws `Failure('bad_request')` when it is cut, followed by more, damaged or too large. */
export function decompressFrame(frame: Uint8Array): Buffer {
  const shape = measureFrame(frame, 0)
  if (shape === undefined || shape.frameBytes !== frame.length) throw new Failure('bad_request', 'The block is not exactly one zstd frame.')
  let text: Buffer
  try {
    text = zstdDecompressSync(frame, {
      // In one piece: half the time, and a tenth of the garbage.
      chunkSize: Math.max(shape.textBytes + 64, 1024),
      maxOutputLength: Math.max(shape.textBytes, 1),
      params: { [constants.ZSTD_d_windowLogMax]: windowLogLimit },
    })
  } catch (cause) {
    throw new Failure('bad_request', 'The zstd frame is damaged.', { cause })
  }
  if (text.length !== shape.textBytes) throw new Failure('bad_request', 'The zstd frame holds another number of bytes than it says.')
  return text
}

/**
 * Cuts a stream of bytes into frames. A cut last frame comes as `{ at, cut: bytes }`. Memory: one frame and one chunk.
 * Throws like `measureFrame`.
 */
export async function* walkFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<{ at: number; frame: Uint8Array } | { at: number; cut: Uint8Array }> {
  let held: Uint8Array = new Uint8Array(0)
  let at = 0
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    let taken = 0
    for (;;) {
      const shape = taken < held.length ? measureFrame(held, taken) : undefined
      if (shape === undefined) break
      yield { at: at + taken, frame: held.subarray(taken, taken + shape.frameBytes) }
      taken += shape.frameBytes
    }
    held = held.subarray(taken)
    at += taken
  }
  if (held.length > 0) yield { at, cut: held }
}

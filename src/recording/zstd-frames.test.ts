import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compressFrame, decompressFrame, maxBlockBytes, measureFrame, walkFrames } from './zstd-frames.ts'

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const walk = async (bytes: Uint8Array, size: number) => {
  const frames: ({ at: number; frame: Uint8Array } | { at: number; cut: Uint8Array })[] = []
  for await (const frame of walkFrames(inChunks(bytes, size))) frames.push(frame)
  return frames
}

describe('frames of zstd', () => {
  it('shows why files are walked: Node decodes the first frame and stops without an error', () => {
    const both = Buffer.concat([compressFrame(Buffer.from('first ')), compressFrame(Buffer.from('second'))])
    expect(zstdDecompressSync(both).toString()).toBe('first ')
  })

  it('reads all frames, in any chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 700 }), async (texts, size) => {
        const frames = await walk(Buffer.concat(texts.map((text) => compressFrame(text))), size)
        expect(frames.map((frame) => ('frame' in frame ? [...decompressFrame(frame.frame)] : 'cut'))).toEqual(texts.map((text) => [...text]))
      }),
      { numRuns: 60 },
    )
  })

  it('measures a full block that does not compress', () => {
    const frame = compressFrame(randomBytes(maxBlockBytes))
    expect(measureFrame(frame, 0)).toEqual({ frameBytes: frame.length, textBytes: maxBlockBytes })
  })

  it('gives what stands after the last whole frame as cut', async () => {
    const frame = compressFrame(randomBytes(500))
    for (let cut = 1; cut < frame.length; cut += 7) {
      const frames = await walk(Buffer.concat([frame, frame.subarray(0, cut)]), 100)
      expect(frames).toHaveLength(2)
      expect(frames[1]).toMatchObject({ at: frame.length, cut: frame.subarray(0, cut) })
    }
  })

  it('finds every flipped bit', () => {
    const text = Buffer.from('the quick brown fox '.repeat(400))
    const frame = compressFrame(text)
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const broken = Buffer.from(frame)
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      let read: Buffer | undefined
      try {
        read = decompressFrame(broken)
      } catch (cause) {
        expect(cause).toMatchObject({ code: 'bad_request' })
      }
      // A bit that means nothing to the decoder (the window's size) may be flipped without harm.
      if (read !== undefined) expect(read.equals(text)).toBe(true)
    }
  })

  it('refuses a frame that claims too much, and one with more behind it', () => {
    expect(() => decompressFrame(compressFrame(Buffer.alloc(2 * 1024 * 1024)))).toThrow(/claims/)
    expect(() => decompressFrame(Buffer.concat([compressFrame(Buffer.from('a')), Buffer.from('b')]))).toThrow(/exactly one/)
    expect(() => decompressFrame(Buffer.from('not zstd at all'))).toThrow(/no zstd frame/)
  })
})

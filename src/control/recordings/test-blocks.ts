// Blocks of a small recording, made by hand from docs/protocol/recording.md.
import { createHash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import { SessionId } from '#domain/id.ts'
import type { BlockHeader } from '#wire/link.ts'

export type TestBlock = { header: BlockHeader; frame: Buffer; text: string }

/** `texts` are whole lines; the first begins with the asciicast header. */
export function blocksOf(session: string, texts: readonly string[]): TestBlock[] {
  let previous = '0'.repeat(64)
  return texts.map((text, index) => {
    const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_contentSizeFlag]: 1 }
    const frame = zstdCompressSync(text, { params })
    const sha256 = createHash('sha256').update(Buffer.from(previous, 'hex')).update(frame).digest('hex')
    const header: BlockHeader = {
      session: SessionId.parse(session),
      index,
      previous,
      sha256,
      fromMs: index * 1000,
      toMs: (index + 1) * 1000,
      fromOffset: index * 10,
      toOffset: (index + 1) * 10,
      castBytes: Buffer.byteLength(text),
    }
    previous = sha256
    return { header, text, frame }
  })
}

export const threeTexts = [
  '{"version":3,"term":{"cols":80,"rows":24},"timestamp":1795251758}\n[0.1,"o","hello "]\n',
  '[0.2,"o","world \\u884c\\r\\n"]\n',
  '[0.3,"o","bye\\r\\n"]\n[0.1,"x","0"]\n',
]

import { generateKeyPairSync, sign } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SessionId } from '#domain/id.ts'
import type { BlockHeader } from '#wire/link.ts'
import { BlockMaker, resumeAtStart, type Block } from './block-maker.ts'
import { castRange, exportRecording } from './reader.ts'
import { sealRecording, type HeadSigner } from './seal.ts'
import { DiskShelf } from './shelf-disk.ts'
import { verifyRecording } from './verify.ts'
import { chainDigest } from './chain.ts'
import { compressFrame } from './zstd-frames.ts'

const session = SessionId.parse('se_abcdefghijklmnopqrstuvwx')
const other = SessionId.parse('se_bbcdefghijklmnopqrstuvwx')
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const signer: HeadSigner = { fingerprint: 'SHA256:test', sign: (bytes) => sign(null, bytes, privateKey) }
const keyOf = () => publicKey

let root: string
let shelf: DiskShelf
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-shelf-'))
  shelf = await DiskShelf.open(root)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function blocksOf(id: string, texts: string[]): Block[] {
  const maker = new BlockMaker({ session: id, startedAt: 1e12, size: { cols: 80, rows: 24 }, term: 'xterm', title: id }, resumeAtStart, 0)
  let offset = 0
  return texts.flatMap((text, index) => {
    const bytes = Buffer.from(text)
    const blocks = maker.push({ kind: 'output', atMs: index * 10 + 1, offset, bytes }, 1, 0)
    offset += bytes.length
    return [...blocks, ...maker.cut(1, 0, Infinity)]
  })
}
async function put(blocks: Block[]): Promise<void> {
  for (const { header, frame } of blocks) await shelf.put(header, frame)
}
async function sealed(id: SessionId, blocks: Block[]): Promise<void> {
  await put(blocks)
  const last = blocks.at(-1)?.header
  await sealRecording(
    shelf,
    { report: 'sealed', session: id, blocks: blocks.length, head: last?.sha256 ?? '', seconds: 1, castBytes: 0, incomplete: false },
    signer,
    new Date(0),
  )
}
/** Empty when it was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // the descriptor of the listing itself
  }
}
const pathOf = (id: string, end: string) => join(root, id.slice(3, 5), id.slice(5, 7), `${id}.${end}`)
async function raw(id: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of exportRecording(shelf, id, 'raw')) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a shelf on a disk', () => {
  it('finds the block that holds an output byte, by halving', async () => {
    const blocks = blocksOf(
      session,
      Array.from({ length: 60 }, (_, index) => 'x'.repeat(1 + ((index * 37) % 90))),
    )
    expect(await shelf.blockAt(session, 0)).toBeUndefined()
    await put(blocks)
    const end = blocks.at(-1)?.header.toOffset ?? 0
    for (let offset = 0; offset < end; offset += 1) {
      const found = await shelf.blockAt(session, offset)
      const wanted = blocks.find(({ header }) => header.toOffset > offset)
      expect(found?.header).toEqual(wanted?.header)
      expect(Buffer.compare(Buffer.from(found?.frame ?? []), wanted?.frame ?? Buffer.alloc(0))).toBe(0)
    }
    expect(await shelf.blockAt(session, end)).toBeUndefined()
  })

  it('keeps blocks so that zstd makes one asciicast of them, and opens again where it stood', async () => {
    const blocks = blocksOf(session, ['one ', 'two ', 'three'])
    await put(blocks.slice(0, 2))
    shelf = await DiskShelf.open(root)
    expect(await shelf.state(session)).toMatchObject({ blocks: 2, sealed: false, last: blocks[1]?.header })
    await put(blocks.slice(2))
    expect(await raw(session)).toBe('one two three')
    const cast = execFileSync('zstd', ['-dc', pathOf(session, 'cast.zst')]).toString()
    expect(cast.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)))).toHaveLength(5)
    const range: Uint8Array[] = []
    for await (const part of castRange(shelf, session, 100, cast.length - 3)) range.push(part)
    expect(Buffer.concat(range).toString()).toBe(cast.slice(100, -3))
  })

  it('takes the same block again, and refuses another one, a gap and a break of the chain as a conflict', async () => {
    const blocks = blocksOf(session, ['a', 'b', 'c'])
    const others = blocksOf(session, ['x', 'y', 'z'])
    await put(blocks.slice(0, 2))
    const bytes = await shelf.totalBytes()
    await put(blocks.slice(0, 2))
    expect(await shelf.totalBytes()).toBe(bytes)
    await expect(put(others.slice(0, 1))).rejects.toMatchObject({ code: 'conflict' })
    await expect(put(others.slice(2))).rejects.toMatchObject({ code: 'conflict' })
    const gap = blocksOf(session, ['a', 'b', 'c', 'd'])
    await expect(put(gap.slice(3))).rejects.toMatchObject({ code: 'conflict' })
    expect(await raw(session)).toBe('ab')
  })

  it('puts several blocks at once, or none of them', async () => {
    const blocks = blocksOf(session, ['a', 'b', 'c', 'd', 'e'])
    const foreign = blocksOf(other, ['x'])
    const altered = blocks.map((block, index) => (index === 3 ? { ...block, frame: compressFrame(Buffer.from('z')) } : block))
    await shelf.putAll(blocks.slice(0, 1))
    await expect(shelf.putAll(altered)).rejects.toMatchObject({ code: 'bad_request' })
    await expect(shelf.putAll([...blocks.slice(1, 2), ...blocks.slice(3)])).rejects.toMatchObject({ code: 'conflict' })
    await expect(shelf.putAll([...blocks.slice(1, 2), ...foreign])).rejects.toMatchObject({ code: 'bad_request' })
    expect([await raw(session), (await shelf.state(session))?.blocks]).toEqual(['a', 1])
    await shelf.putAll(blocks)
    await shelf.putAll(blocks.slice(2))
    shelf = await DiskShelf.open(root)
    expect([await raw(session), (await shelf.state(session))?.blocks]).toEqual(['abcde', 5])
    expect(await shelf.index(session)).toHaveLength(5)
  })

  it('refuses a block that is not what its header says, whole zstd or not', async () => {
    const [block] = blocksOf(session, ['a'])
    if (block === undefined) throw new Error('no block')
    const other = compressFrame(Buffer.from('other text'))
    await expect(shelf.put(block.header, other)).rejects.toMatchObject({ code: 'bad_request' })
    for (const frame of [Buffer.from('not zstd'), other.subarray(0, -1), Buffer.concat([other, other])])
      await expect(shelf.put({ ...block.header, castBytes: 10, sha256: chainDigest(block.header.previous, frame) }, frame)).rejects.toMatchObject({
        code: 'bad_request',
      })
    await expect(shelf.put({ ...block.header, castBytes: 11, sha256: chainDigest(block.header.previous, other) }, other)).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect(await shelf.state(session)).toBeUndefined()
  })

  it('takes more recordings in turn than it holds files open, and goes on after it let go of them', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz234567'
    const ids = Array.from({ length: 150 }, (_, index) => SessionId.parse(`se_${letters[index >> 5]}${letters[index & 31]}${'c'.repeat(22)}`))
    for (const id of ids) await put(blocksOf(id, ['a']))
    for (const id of ids) await put(blocksOf(id, ['a', 'b']).slice(1))
    const held = readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(root))
    expect(held.length).toBeGreaterThan(0)
    expect(held.length).toBeLessThanOrEqual(2 * 128)
    for (const id of ids) expect(await raw(id)).toBe('ab')
    shelf.close()
    expect(readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(root))).toEqual([])
    await put(blocksOf(session, ['still']))
    expect(await raw(session)).toBe('still')
  })

  it('puts blocks that come at once in their order', async () => {
    await Promise.all([...blocksOf(session, ['a', 'b', 'c', 'd']), ...blocksOf(other, ['1', '2', '3'])].map(({ header, frame }) => shelf.put(header, frame)))
    expect([await raw(session), await raw(other)]).toEqual(['abcd', '123'])
  })

  it('overwrites a tail that was cut off by a crash, wherever it was cut', async () => {
    const blocks = blocksOf(session, ['one ', 'two ', 'three'])
    await put(blocks.slice(0, 1))
    const cast = statSync(pathOf(session, 'cast.zst')).size
    const index = statSync(pathOf(session, 'index')).size
    await put(blocks.slice(1, 2))
    const castFile = readFileSync(pathOf(session, 'cast.zst'))
    const indexFile = readFileSync(pathOf(session, 'index'))
    for (let cut = cast; cut <= castFile.length; cut += 3) {
      for (const indexCut of cut < castFile.length ? [index] : [index, index + 1, indexFile.length - 1]) {
        writeFileSync(pathOf(session, 'cast.zst'), castFile.subarray(0, cut))
        writeFileSync(pathOf(session, 'index'), indexFile.subarray(0, indexCut))
        shelf = await DiskShelf.open(root)
        expect(await raw(session)).toBe('one ')
        await put(blocks.slice(0, 3))
        expect(await raw(session)).toBe('one two three')
        expect(await verifyRecording(shelf, session, keyOf)).toMatchObject({ state: 'incomplete', blocks: 3 })
      }
    }
  })

  it('seals what was acknowledged when a crash left a part of one block more behind it', async () => {
    const blocks = blocksOf(session, ['one ', 'two ', 'three'])
    await put(blocks.slice(0, 2))
    const [acknowledged, whole] = [statSync(pathOf(session, 'cast.zst')).size, blocks[2]?.frame ?? Buffer.alloc(0)]
    const line = `${JSON.stringify({ ...blocks[2]?.header, at: acknowledged, frameBytes: whole.length })}`
    for (const [frame, index] of [
      [whole.subarray(0, 9), ''],
      [whole, ''],
      [whole, line.slice(0, 20)],
      [whole, line],
    ] as const) {
      appendFileSync(pathOf(session, 'cast.zst'), frame)
      appendFileSync(pathOf(session, 'index'), index)
      shelf = await DiskShelf.open(root)
      await sealed(session, blocks.slice(0, 2))
      expect(await verifyRecording(shelf, session, keyOf)).toMatchObject({ state: 'verified', blocks: 2 })
      expect(statSync(pathOf(session, 'cast.zst')).size).toBe(acknowledged)
      const onDisk = ['cast.zst', 'index', 'head.json'].reduce((sum, end) => sum + statSync(pathOf(session, end)).size, 0)
      expect(await shelf.totalBytes()).toBe(onDisk)
      rmSync(pathOf(session, 'head.json'))
    }
  })

  it('makes no path from what is no session id, and follows no link', async () => {
    const [block] = blocksOf(session, ['a'])
    if (block === undefined) throw new Error('no block')
    for (const id of ['../../etc/passwd', 'se_..%2f..%2fxxxxxxxxxxxx', '/etc/passwd', 'se_abc\0defghijklmnop', '']) {
      await expect(shelf.put({ ...block.header, session: id } as BlockHeader, block.frame)).rejects.toMatchObject({ code: 'bad_request' })
      expect(await shelf.state(id)).toBeUndefined()
      expect(await shelf.head(id)).toBeUndefined()
      await shelf.remove(id)
    }
    const outside = mkdtempSync(join(tmpdir(), 'sallyport-outside-'))
    mkdirSync(join(root, 'ab'), { recursive: true })
    symlinkSync(outside, join(root, 'ab', 'cd'))
    await expect(put([block])).rejects.toMatchObject({ code: 'recording_incomplete' })
    rmSync(join(root, 'ab', 'cd'))
    mkdirSync(join(root, 'ab', 'cd'))
    writeFileSync(join(outside, 'secret'), 'secret')
    symlinkSync(join(outside, 'secret'), pathOf(session, 'cast.zst'))
    await expect(put([block])).rejects.toMatchObject({ code: 'recording_incomplete' })
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
    rmSync(outside, { recursive: true })
  })

  it('counts its bytes, and removes a recording whole', async () => {
    await sealed(session, blocksOf(session, ['a', 'b']))
    await put(blocksOf(other, ['c']))
    const counted = await shelf.totalBytes()
    const onDisk = [session, other]
      .flatMap((id) => ['cast.zst', 'index', 'head.json'].map((end) => pathOf(id, end)))
      .reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0)
    expect(counted).toBe(onDisk)
    expect(await (await DiskShelf.open(root)).totalBytes()).toBe(counted)
    await shelf.remove(session)
    await shelf.remove(other)
    expect([await shelf.totalBytes(), await shelf.state(session), existsSync(pathOf(session, 'cast.zst'))]).toEqual([0, undefined, false])
  })

  it('sweeps frames that never got an index line, and never a sealed recording', async () => {
    await sealed(session, blocksOf(session, ['a']))
    await put(blocksOf(other, ['b']))
    rmSync(pathOf(session, 'index'))
    rmSync(pathOf(other, 'index'))
    await DiskShelf.open(root)
    expect([existsSync(pathOf(session, 'cast.zst')), existsSync(pathOf(other, 'cast.zst'))]).toEqual([true, false])
  })

  it('seals what stands on it, once', async () => {
    const blocks = blocksOf(session, ['a', 'b'])
    await put(blocks)
    const report = { report: 'sealed', session, blocks: 2, head: blocks[1]?.header.sha256 ?? '', seconds: 1, castBytes: 0, incomplete: false } as const
    await expect(sealRecording(shelf, { ...report, blocks: 1 }, signer, new Date(0))).rejects.toMatchObject({ code: 'conflict' })
    await expect(sealRecording(shelf, { ...report, session: other }, signer, new Date(0))).rejects.toMatchObject({ code: 'recording_not_found' })
    const head = await sealRecording(shelf, report, signer, new Date(0))
    expect(head.castBytes).toBe((await shelf.index(session)).reduce((sum, block) => sum + block.castBytes, 0))
    expect(await sealRecording(shelf, report, signer, new Date(5))).toEqual(head)
    await expect(shelf.seal({ ...head, seconds: 7 })).rejects.toMatchObject({ code: 'conflict' })
    await expect(put(blocksOf(session, ['a', 'b', 'c']).slice(2))).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('verify', () => {
  const texts = ['one ', 'two ', 'three ', 'four']
  const verdict = () => verifyRecording(shelf, session, keyOf)

  it('says verified with the key, consistent without, incomplete before the seal', async () => {
    await put(blocksOf(session, texts))
    expect(await verdict()).toMatchObject({ state: 'incomplete', blocks: 4 })
    await sealed(session, blocksOf(session, texts))
    expect(await verdict()).toEqual({ state: 'verified', blocks: 4, key: 'SHA256:test' })
    expect(await verifyRecording(shelf, session, () => undefined)).toMatchObject({ state: 'consistent' })
    expect(await verifyRecording(shelf, session, () => generateKeyPairSync('ed25519').publicKey)).toMatchObject({
      state: 'altered',
      problem: expect.stringContaining('signature'),
    })
    expect(await verifyRecording(shelf, other, keyOf)).toBeUndefined()
  })

  it('finds every flipped byte of the frames and names the block', async () => {
    await sealed(session, blocksOf(session, texts))
    const path = pathOf(session, 'cast.zst')
    const good = readFileSync(path)
    const second = (await shelf.index(session))[1]?.at ?? 0
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 0x40
      writeFileSync(path, bad)
      const found = await verdict()
      expect(found).toMatchObject({ state: 'altered' })
      if (at < second) expect(found?.problem).toContain('block 0 at byte 0')
    }
    writeFileSync(path, good)
    expect(await verdict()).toMatchObject({ state: 'verified' })
  })

  it.each([
    ['a dropped block', (frames: Buffer[]) => frames.filter((_, index) => index !== 1), 'block 1'],
    ['swapped blocks', ([a, b, c, d]: Buffer[]) => [a, c, b, d], 'block 1'],
    ['a missing last block', (frames: Buffer[]) => frames.slice(0, 3), 'block 3'],
    ['a repeated block', (frames: Buffer[]) => [...frames, frames[3]], 'block 4'],
    ['a cut tail', (frames: Buffer[]) => [...frames.slice(0, 3), frames[3]?.subarray(0, 20)], 'block 3'],
    ['bytes behind', (frames: Buffer[]) => [...frames, Buffer.from('xyz')], 'block 4'],
  ])('finds %s', async (_name, change, problem) => {
    await sealed(session, blocksOf(session, texts))
    const path = pathOf(session, 'cast.zst')
    const bytes = readFileSync(path)
    const frames = (await shelf.index(session)).map(({ at, frameBytes }) => bytes.subarray(at, at + frameBytes))
    writeFileSync(path, Buffer.concat(change(frames) as Buffer[]))
    expect(await verdict()).toMatchObject({ state: 'altered', problem: expect.stringMatching(new RegExp(`${problem} at byte \\d+`)) })
  })

  it('finds two recordings that were swapped, and blocks forged with their index', async () => {
    await sealed(session, blocksOf(session, texts))
    await sealed(other, blocksOf(other, texts))
    mkdirSync(join(root, 'zz'))
    for (const end of ['cast.zst', 'index', 'head.json']) writeFileSync(pathOf(session, end), readFileSync(pathOf(other, end)))
    shelf = await DiskShelf.open(root)
    expect(await verdict()).toMatchObject({ state: 'altered', problem: expect.stringContaining('another session') })
    const forged = await DiskShelf.open(join(root, 'forged'))
    for (const { header, frame } of blocksOf(other, ['one ', 'two ', 'THREE ', 'four'])) await forged.put(header, frame)
    const frames: Uint8Array[] = []
    for await (const frame of forged.frames(other)) frames.push(frame)
    writeFileSync(pathOf(other, 'cast.zst'), Buffer.concat(frames))
    writeFileSync(pathOf(other, 'index'), (await forged.index(other)).map((line) => `${JSON.stringify(line)}\n`).join(''))
    expect(await verifyRecording(await DiskShelf.open(root), other, keyOf)).toMatchObject({
      state: 'altered',
      problem: expect.stringContaining('does not end as the head says'),
    })
  })

  it('does not heal frames that are shorter than the index says: put refuses', async () => {
    const blocks = blocksOf(session, texts)
    await put(blocks.slice(0, 3))
    truncateSync(pathOf(session, 'cast.zst'), statSync(pathOf(session, 'cast.zst')).size - 5)
    shelf = await DiskShelf.open(root)
    await expect(put(blocks.slice(3))).rejects.toMatchObject({ code: 'conflict' })
    expect(await verdict()).toMatchObject({ state: 'altered' })
  })

  it('says altered when the index or the head cannot be read', async () => {
    await sealed(session, blocksOf(session, texts))
    appendFileSync(pathOf(session, 'index'), 'garbage\n')
    shelf = await DiskShelf.open(root)
    expect(await verdict()).toMatchObject({ state: 'altered', problem: expect.stringContaining('index') })
    await shelf.remove(session)
    await sealed(session, blocksOf(session, texts))
    writeFileSync(pathOf(session, 'head.json'), '{}')
    expect(await verdict()).toMatchObject({ state: 'altered', problem: expect.stringContaining('head') })
  })
})

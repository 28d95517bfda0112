import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFailure } from '#domain/failure.ts'
import type { FileDirection, FileRule } from '#domain/file-rule.ts'
import { HandClock } from '#session/test-pair.ts'
import { SftpObserver } from './sftp-observer.ts'
import { notedLines, offset, packet, packetsIn } from './test-lines.ts'
import { WholeDigest } from './whole-digest.ts'

const both = ['upload', 'download'] as const
const files: FileRule[] = [{ name: 'all', actions: [...both] }]
function observe(may: readonly FileDirection[] = both, digests = true) {
  const noted = notedLines()
  return { ...noted, observer: new SftpObserver(noted.lines, { may, files, digests, clock: new HandClock() }) }
}
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const init = packet(1, 3)
const version = packet(2, 3)
const status = (id: number, code: number, text = '') => packet(101, id, code, text, '')
const plain = (acts: readonly object[]) => acts.map((act) => ({ ...act, at: 0 }))
const file = (deed: string, path: string, more: object) => ({ act: 'file', at: 0, way: 'sftp', deed, path, outcome: 'done', ...more })

// What a client and a host say, in turns.
const talk: [Buffer, Buffer][] = [
  [init, version],
  [packet(3, 1, '/up', 0x1a, 0), packet(102, 1, 'h1')],
  [Buffer.concat([packet(6, 2, 'h1', ...offset(0), 'first '), packet(6, 3, 'h1', ...offset(6), 'second')]), Buffer.concat([status(2, 0), status(3, 0)])],
  [packet(4, 4, 'h1'), status(4, 0)],
  [packet(3, 5, '/down', 1, 0), packet(102, 5, 'h1')],
  [
    // Answered out of order, and the end of the file after it.
    Buffer.concat([packet(5, 6, 'h1', ...offset(0), 4), packet(5, 7, 'h1', ...offset(4), 4), packet(5, 8, 'h1', ...offset(8), 4)]),
    Buffer.concat([status(8, 1, 'End of file'), packet(103, 7, '5678'), packet(103, 6, '1234')]),
  ],
  [packet(4, 9, 'h1'), status(9, 0)],
  [packet(18, 10, '/a', '/b'), status(10, 3, 'Permission\n denied')],
  [packet(200, 11, 'posix-rename@openssh.com', '/a', '/b'), status(11, 0)],
  [packet(11, 12, '/'), packet(102, 12, 'dir')],
  [packet(12, 13, 'dir'), packet(104, 13, 2, 'a', 'long a', 0, 'b', 'long b', 0)],
  [packet(4, 14, 'dir'), status(14, 0)],
  [packet(3, 15, '/none', 1, 0), status(15, 2, 'No such file')],
]
const acts = [
  file('upload', '/up', { bytes: 12, sha256: sha256('first second') }),
  file('download', '/down', { bytes: 8, sha256: sha256('12345678') }),
  file('rename', '/a', { to: '/b', outcome: 'failed', failure: 'Permission  denied' }),
  file('rename', '/a', { to: '/b' }),
  file('download', '/none', { outcome: 'failed', failure: 'No such file' }),
]

describe('what is read of SFTP', () => {
  it.each([1, 2, 3, 5, 7, 13, 64, 4096])('is the same when it comes in pieces of %i bytes, and passes unchanged', (size) => {
    const { observer, acts: told, toHost, toNear } = observe()
    const feed = (bytes: Buffer, take: (piece: Buffer) => void) => {
      for (let at = 0; at < bytes.length; at += size) take(Buffer.from(bytes.subarray(at, at + size)))
    }
    for (const [asked, answered] of talk) {
      feed(asked, (piece) => observer.input(piece))
      feed(answered, (piece) => observer.output(piece))
    }
    expect(plain(told)).toEqual(acts)
    expect(toHost().equals(Buffer.concat(talk.map(([asked]) => asked)))).toBe(true)
    expect(toNear().equals(Buffer.concat(talk.map(([, answered]) => answered)))).toBe(true)
  })

  it('gives on the very bytes that came, data and all, in one piece', () => {
    const passed: Uint8Array[] = []
    const noted = notedLines()
    const observer = new SftpObserver(
      { ...noted.lines, toHost: (bytes) => void passed.push(bytes) },
      { may: both, files, digests: true, clock: new HandClock() },
    )
    const piece = Buffer.concat([init, packet(6, 1, 'h', ...offset(0), Buffer.alloc(30_000)), packet(6, 2, 'h', ...offset(30_000), Buffer.alloc(30_000))])
    observer.input(piece)
    expect(passed.map(({ buffer, byteOffset, length }) => [buffer === piece.buffer, byteOffset - piece.byteOffset, length])).toEqual([[true, 0, piece.length]])
  })

  it('answers itself what is not granted, between two packets of the host', () => {
    const { observer, acts: told, toHost, toNear } = observe(['download'])
    observer.input(init)
    observer.output(version)
    observer.input(packet(5, 1, 'h', ...offset(0), 9))
    const data = packet(103, 1, 'some data')
    observer.output(data.subarray(0, 15))
    observer.input(Buffer.concat([packet(13, 2, '/gone'), packet(6, 3, 'h', ...offset(0), 'evil'), packet(17, 4, '/')]))
    expect(packetsIn(toHost()).map((each) => each[0])).toEqual([1, 5, 17])
    observer.output(data.subarray(15))
    observer.input(packet(14, 5, '/dir', 0))
    expect(packetsIn(toNear()).map((each) => [each[0], each.length > 5 ? each.readUInt32BE(1) : 0])).toEqual(
      [
        [2, 0],
        [103, 1],
        [101, 2],
        [101, 3],
        [101, 5],
      ].map(([type, id]) => [type, type === 2 ? 0 : id]),
    )
    expect(packetsIn(toNear())[2]?.subarray(5).toString('latin1')).toContain('Sallyport: uploads are not part of your access to this host')
    expect(told.map((act) => act.act === 'file' && `${act.deed} ${act.path} ${act.outcome}`)).toEqual(['remove /gone refused', 'mkdir /dir refused'])
  })

  it.each([
    ['open for writing', packet(3, 9, '/x', 2, 0)],
    ['open to append', packet(3, 9, '/x', 5, 0)],
    ['open that makes a file', packet(3, 9, '/x', 9, 0)],
    ['open that empties a file', packet(3, 9, '/x', 17, 0)],
    ['open with flags of nobody', packet(3, 9, '/x', 0x4001, 0)],
    ['write', packet(6, 9, 'h', ...offset(0), 'x')],
    ['setstat', packet(9, 9, '/x', 4, 0o4755)],
    ['fsetstat', packet(10, 9, 'h', 4, 0o4755)],
    ['fsetstat of the size', packet(10, 9, 'h', 1, ...offset(0))],
    ['remove', packet(13, 9, '/x')],
    ['mkdir', packet(14, 9, '/x', 0)],
    ['rmdir', packet(15, 9, '/x')],
    ['rename', packet(18, 9, '/x', '/y')],
    ['symlink', packet(20, 9, '/x', '/y')],
    ['posix-rename', packet(200, 9, 'posix-rename@openssh.com', '/x', '/y')],
    ['hardlink', packet(200, 9, 'hardlink@openssh.com', '/x', '/y')],
    ['lsetstat', packet(200, 9, 'lsetstat@openssh.com', '/x', 0)],
    ['fsync', packet(200, 9, 'fsync@openssh.com', 'h')],
    ['copy-data', packet(200, 9, 'copy-data', 'h', ...offset(0), ...offset(0), 'i', ...offset(0))],
    ['an extension that nobody knows', packet(200, 9, 'copy-file', '/x', '/y', 1)],
    ['a request of later versions', packet(21, 9, '/x', '/y', 1)],
  ])('never lets %s through without the right to upload', (_name, request) => {
    const { observer, toHost, toNear } = observe(['download'])
    observer.input(Buffer.concat([init, request]))
    expect(toHost()).toEqual(init)
    expect(packetsIn(toNear()).map((each) => [each[0], each.readUInt32BE(1)])).toEqual([[101, 9]])
  })

  it.each([
    ['open for reading', packet(3, 9, '/x', 1, 0)],
    ['open with no flag at all', packet(3, 9, '/x', 0, 0)],
    ['open for both', packet(3, 9, '/x', 3, 0)],
    ['read', packet(5, 9, 'h', ...offset(0), 10)],
    ['an extension that nobody knows', packet(200, 9, 'check-file-name', '/x')],
  ])('never lets %s through without the right to download', (_name, request) => {
    const { observer, toHost } = observe(['upload'])
    observer.input(Buffer.concat([init, request]))
    expect(toHost()).toEqual(init)
  })

  it('holds both sides to version 3', () => {
    const { observer, toHost } = observe()
    observer.input(packet(1, 6))
    expect(toHost()).toEqual(init)
    expect(() => observer.output(packet(2, 6))).toThrow('a version that was not asked for')
  })

  it.each([
    ['a packet of four gigabytes', Buffer.from('ffffffff06', 'hex')],
    ['an empty packet', Buffer.alloc(5)],
    ['a request of 40 000 bytes that is no data', Buffer.from('00009c4003', 'hex')],
    ['data of another length than its packet', packet(6, 1, 'h', ...offset(0), 'xx').with(25, 9)],
    ['a path longer than its packet', packet(13, 1, 'xx').with(12, 200)],
    ['a handle of 300 bytes', packet(4, 1, 'h'.repeat(300))],
    ['a second version', init],
    ['one number twice', Buffer.concat([packet(17, 1, '/'), packet(17, 1, '/')])],
    ['1025 requests at once', Buffer.concat(Array.from({ length: 1025 }, (_, id) => packet(17, id, '/')))],
  ])('ends with %s', (_name, bytes) => {
    const { observer } = observe()
    observer.input(init)
    expect(() => observer.input(Buffer.from(bytes))).toThrow('The client does not speak SFTP as it should')
  })

  it.each([
    ['an answer to nothing', packet(101, 77, 0, '', '')],
    ['an answer of no kind', packet(150, 1)],
    ['a packet of a megabyte', Buffer.from('0010000067', 'hex')],
  ])('ends with %s of the host', (_name, bytes) => {
    const { observer } = observe()
    observer.output(version)
    expect(() => observer.output(bytes)).toThrow('The host does not speak SFTP as it should')
  })

  it('tells what was under way at the end', () => {
    const { observer, acts: told } = observe()
    observer.input(Buffer.concat([init, packet(3, 1, '/up', 0x1a, 0)]))
    observer.output(Buffer.concat([version, packet(102, 1, 'h')]))
    observer.input(Buffer.concat([packet(6, 2, 'h', ...offset(0), 'half'), packet(13, 3, '/x')]))
    observer.output(status(2, 0))
    observer.ended(undefined)
    expect(plain(told)).toEqual([
      file('upload', '/up', { bytes: 4, outcome: 'failed', failure: 'The session ended before the file was closed.' }),
      file('remove', '/x', { outcome: 'failed', failure: 'The session ended before the host answered.' }),
    ])
  })

  it('gives no digest of what is not the whole file', () => {
    const of = (flags: number, ...requests: [Buffer, Buffer][]) => {
      const { observer, acts: told } = observe()
      observer.input(Buffer.concat([init, packet(3, 1, '/f', flags, 0)]))
      observer.output(Buffer.concat([version, packet(102, 1, 'h')]))
      for (const [asked, answered] of [...requests, [packet(4, 99, 'h'), status(99, 0)] as [Buffer, Buffer]]) {
        observer.input(asked)
        observer.output(answered)
      }
      return told.map((act) => act.act === 'file' && act.sha256)
    }
    const write = (id: number, at: number, text: string): [Buffer, Buffer] => [packet(6, id, 'h', ...offset(at), text), status(id, 0)]
    const cut = (id: number, size: number): [Buffer, Buffer] => [packet(10, id, 'h', 1, ...offset(size)), status(id, 0)]
    expect(of(0x1a, write(2, 0, 'all'))).toEqual([sha256('all')])
    expect(of(0x0a, write(2, 0, 'all'), cut(3, 3))).toEqual([sha256('all')])
    expect(of(0x0a, write(2, 0, 'over an older file'))).toEqual([undefined])
    expect(of(0x1a, write(2, 0, 'all'), write(3, 0, 'ALL'))).toEqual([undefined])
    expect(of(0x1a, write(2, 0, 'all'), cut(3, 2))).toEqual([undefined])
    expect(of(0x1a, write(2, 5, 'behind a hole'))).toEqual([undefined])
    expect(of(0x1e, write(2, 0, 'appended'))).toEqual([undefined])
    expect(of(1, [packet(5, 2, 'h', ...offset(0), 9), packet(103, 2, 'the start')])).toEqual([undefined])
  })

  it('stays in its bounds and throws nothing but failures, whatever comes', () => {
    const request = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.integer({ min: 1, max: 22 }), fc.nat(20), fc.array(fc.oneof(fc.nat(40), fc.string({ maxLength: 9 })), { maxLength: 5 }))
        .map(([type, id, parts]) => packet(type, id, ...parts)),
    )
    const answer = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.constantFrom(101, 102, 103, 104, 105, 201), fc.nat(20), fc.array(fc.oneof(fc.nat(40), fc.string({ maxLength: 9 })), { maxLength: 5 }))
        .map(([type, id, parts]) => packet(type, id, ...parts)),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), request, answer), { maxLength: 30 }), fc.boolean(), fc.boolean(), (steps, upload, download) => {
        const { observer, toHost } = observe([...(upload ? ['upload' as const] : []), ...(download ? ['download' as const] : [])])
        try {
          observer.input(init)
          for (const [isInput, asked, answered] of steps) {
            if (isInput) observer.input(asked)
            else observer.output(answered)
            expect(observer.heldBytes).toBeLessThanOrEqual(68_000)
          }
        } catch (cause) {
          if (!isFailure(cause)) throw cause
        }
        observer.ended(undefined)
        // What went on is whole packets as far as it goes, and of those no write when that is not granted.
        const passed = toHost()
        for (let at = 0; at + 5 <= passed.length; at += 4 + passed.readUInt32BE(at))
          if (!upload) expect([6, 9, 10, 13, 14, 15, 18, 20]).not.toContain(passed[at + 4])
      }),
      { numRuns: 1500 },
    )
  })
})

describe('the digest of a whole', () => {
  it('does not depend on the order of the pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 20 }).chain((pieces) => {
          let at = 0
          const placed = pieces.map((bytes) => ({ at: (at += bytes.length) - bytes.length, bytes }))
          return fc.tuple(fc.constant(pieces), fc.shuffledSubarray(placed, { minLength: placed.length }))
        }),
        ([pieces, shuffled]) => {
          const digest = new WholeDigest()
          for (const { at, bytes } of shuffled) digest.add(at, bytes)
          const all = Buffer.concat(pieces)
          expect(digest.of(all.length)).toBe(sha256(all))
        },
      ),
    )
  })

  it('holds no more than four megabytes of what came early', () => {
    const digest = new WholeDigest()
    for (let at = 1; at <= 5; at++) digest.add(at * 1024 * 1024, Buffer.alloc(1024 * 1024))
    digest.add(0, Buffer.alloc(1024 * 1024))
    expect(digest.of(6 * 1024 * 1024)).toBeUndefined()
  })
})

it('the files of a session share what they may hold, and give it back', () => {
  const room = { left: 100 }
  const [one, other, third] = [new WholeDigest(room), new WholeDigest(room), new WholeDigest(room)]
  one.add(10, Buffer.alloc(60))
  other.add(10, Buffer.alloc(60))
  expect(room.left).toBe(40)
  expect(other.of(70)).toBeUndefined()
  one.add(0, Buffer.alloc(10))
  expect(room.left).toBe(100)
  expect(one.of(70)).toMatch(/^[0-9a-f]{64}$/)
  third.add(10, Buffer.alloc(60))
  third.spoil()
  expect(room.left).toBe(100)
})

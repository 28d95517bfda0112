// Our engine with Debian's sz and rz over pipes. Through the product: rz-sz.test.ts.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crc32 } from 'node:zlib'
import { digest, type Outcome, receiveFrom, sendTo } from '../src/gateway/zmodem/test-lrzsz.ts'
import { makeTempFolder } from './harness/temp-folder.ts'

const MiB = 1024 * 1024
const big = randomBytes(10 * MiB)
const files: Record<string, Buffer> = {
  'big.bin': big,
  'a b.bin': big.subarray(0, MiB),
  '中文 名.txt': Buffer.from('中文\r\n@\r'),
  one: Buffer.from('x'),
  empty: Buffer.alloc(0),
}
const names = Object.keys(files)
let folder: Awaited<ReturnType<typeof makeTempFolder>>
beforeAll(async () => {
  folder = await makeTempFolder('zmodem')
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder.path, name), content)
})
afterAll(() => folder.remove())
const empty = () => mkdtempSync(path.join(folder.path, 'to-'))
const batch = (...some: string[]) =>
  some.map((name) => ({ name, bytes: files[name]?.length ?? 0, content: files[name] ?? Buffer.alloc(0), mtime: 1_700_000_000 }))
const read = (to: string, name: string) => digest(readFileSync(path.join(to, name)))
const same = (name: string) => digest(files[name] ?? Buffer.alloc(0))
const arrived = ({ files: got }: Outcome) => got.map((file) => [file.name, file.isWhole, file.sha256])
const whole = (...some: string[]) => some.map((name) => [name, true, same(name)])

describe('from sz', () => {
  test.each([{ args: [] }, { args: ['-e'] }, { args: ['-8'] }, { args: ['-o'] }, { args: ['-b', '-k'] }, { args: ['-w', '8192'] }])(
    'five files with $args',
    async ({ args }) => {
      const outcome = await receiveFrom([...args, '--', ...names], folder.path)
      expect(outcome.end.how).toBe('finished')
      expect(arrived(outcome)).toEqual(whole(...names))
      expect(outcome).toMatchObject({ exit: 0, output: 'rz\r' })
      expect(outcome.files.map((file) => [file.filesLeft, file.bytes])).toEqual(names.map((name, at) => [names.length - at, files[name]?.length]))
    },
  )
  test('the rest of one, and not the one that is skipped', async () => {
    const outcome = await receiveFrom(['-r', 'a b.bin', 'one', 'big.bin'], folder.path, {
      answer: ({ name }) => (name === 'one' ? 'skip' : name === 'big.bin' ? 3 * MiB + 1 : 0),
    })
    expect(outcome.end.how).toBe('finished')
    expect(outcome.files.map(({ name, got, sha256 }) => [name, got, sha256])).toEqual([
      ['a b.bin', MiB, same('a b.bin')],
      ['big.bin', 7 * MiB - 1, digest(big.subarray(3 * MiB + 1))],
    ])
  })
  test('never a command to run', async () => {
    const outcome = await receiveFrom(['-c', 'touch never'], folder.path)
    expect(outcome.end).toMatchObject({ how: 'failed', failure: { code: 'file_refused' } })
    expect(readdirSync(folder.path)).not.toContain('never')
  })
  test('not what is too large, but what follows', async () => {
    const from = empty()
    for (const name of ['huge', 'small']) writeFileSync(path.join(from, name), 'x')
    truncateSync(path.join(from, 'huge'), 2 ** 32)
    const outcome = await receiveFrom(['huge', 'small'], from)
    expect(outcome.refused).toEqual(['huge: file_too_large'])
    expect(arrived(outcome)).toEqual([['small', true, digest(Buffer.from('x'))]])
    expect(outcome.end.how).toBe('finished')
  })
  test('until either side ends it, at any moment', async () => {
    for (const share of [0, 0.2, 0.5, 0.99]) {
      for (const who of ['us', 'host'] as const) {
        let at = 0
        const outcome = await receiveFrom(['big.bin'], folder.path, {
          onData: (received, engine, child) => {
            if (received < share * big.length || at > 0) return
            at = performance.now()
            if (who === 'us') engine.cancel()
            else child.kill('SIGTERM')
          },
        })
        expect(performance.now() - at).toBeLessThan(5000)
        expect(outcome.files.some((file) => file.isWhole)).toBe(false)
        expect(outcome.end).toMatchObject(who === 'us' ? { how: 'cancelled' } : { how: 'failed', failure: { code: 'host_file_error' } })
        expect(Buffer.from(outcome.end.rest).toString('latin1')).toBe('')
      }
    }
  })
})

describe('to rz', () => {
  test.each([{ args: [] }, { args: ['-e'] }, { args: ['-b'] }, { args: ['-E'] }])('five files with $args', async ({ args }) => {
    const to = empty()
    const outcome = await sendTo(args, to, batch(...names))
    expect(outcome).toMatchObject({ end: { how: 'finished' }, exit: 0, output: '' })
    expect(names.map((name) => read(to, name))).toEqual(names.map(same))
  })
  test('the rest of one with -r, nothing of one that is there with -p', async () => {
    const to = empty()
    writeFileSync(path.join(to, 'big.bin'), big.subarray(0, 4 * MiB))
    const resumed = await sendTo(['-r'], to, batch('big.bin', 'one'))
    expect(resumed.sent).toEqual([
      { name: 'big.bin', how: 'done', from: expect.any(Number) },
      { name: 'one', how: 'done', from: 0 },
    ])
    expect(resumed.sent[0]?.from).toBeGreaterThan(4 * MiB - 2048)
    expect(read(to, 'big.bin')).toBe(same('big.bin'))
    writeFileSync(path.join(to, 'one'), 'other')
    const kept = await sendTo(['-p'], to, batch('one', 'empty'), {
      crcOf: (content, bytes) => crc32(content.subarray(0, bytes === 0 ? content.length : bytes)),
    })
    expect(kept.sent.map(({ how }) => how)).toEqual(['skipped', 'done'])
    expect(readFileSync(path.join(to, 'one'), 'utf8')).toBe('other')
  })
  test('until either side ends it, at any moment', async () => {
    for (const share of [0, 0.5, 0.99]) {
      for (const who of ['us', 'host'] as const) {
        let at = 0
        const to = empty()
        const outcome = await sendTo([], to, batch('big.bin'), {
          onData: (written, engine, child) => {
            if (written < share * big.length || at > 0) return
            at = performance.now()
            if (who === 'us') engine.cancel()
            else child.kill('SIGTERM')
          },
        })
        expect(performance.now() - at).toBeLessThan(5000)
        expect(outcome.end).toMatchObject(who === 'us' ? { how: 'cancelled' } : { how: 'failed' })
        if (who === 'us') expect(readdirSync(to)).toEqual([])
      }
    }
  })
})

describe('over a line that turns bits over, both ways', () => {
  // Mulberry32: the same line each time.
  const noisy = (seed: number, share: number) => (bytes: Uint8Array) => {
    const out = Uint8Array.from(bytes)
    for (let at = 0; at < out.length; at += 1) {
      seed = (seed + 0x6d2b79f5) | 0
      let random = Math.imul(seed ^ (seed >>> 15), seed | 1)
      random ^= random + Math.imul(random ^ (random >>> 7), random | 61)
      if (((random ^ (random >>> 14)) >>> 0) / 2 ** 32 < share) out[at] = (out[at] ?? 0) ^ (1 << (random & 7))
    }
    return out
  }
  const content = big.subarray(0, 300_000)
  test('20 of 20 are whole or fail in words', async () => {
    mkdirSync(path.join(folder.path, 'noisy'))
    writeFileSync(path.join(folder.path, 'noisy', 'x.bin'), content)
    const run = async (at: number) => {
      const share = [1e-6, 1e-5, 4e-5][at % 3] ?? 0
      const wire = { toHost: noisy(at * 2 + 1, share), toUs: noisy(at * 2 + 2, share) }
      if (at % 2 === 0) {
        const { end, files: got } = await receiveFrom(['x.bin'], path.join(folder.path, 'noisy'), { wire, withinMs: 100_000 })
        const isRight = got.every((file) => !file.isWhole || file.sha256 === digest(content))
        return isRight && (end.how === 'failed' ? end.failure.message.length > 0 : end.how === 'finished' && got.length === 1)
      }
      const to = empty()
      const { end } = await sendTo([], to, [{ name: 'x.bin', bytes: content.length, content }], { wire, withinMs: 100_000 })
      // What a broken transfer leaves lies on the host; that it is whole is said only when it is.
      return end.how === 'failed' ? end.failure.message.length > 0 : end.how === 'finished' && read(to, 'x.bin') === digest(content)
    }
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => run(at)))
    expect(outcomes).toEqual(outcomes.map(() => true))
  })
})

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { StoredZip } from './stored-zip.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-zip-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, make: (zip: StoredZip) => void): string {
  const pieces: Buffer[] = []
  const zip = new StoredZip((bytes) => pieces.push(Buffer.from(bytes)))
  make(zip)
  zip.finish()
  const path = join(folder, name)
  writeFileSync(path, Buffer.concat(pieces))
  expect(zip.bytes).toBe(statSync(path).size)
  return path
}
const unzip = (...args: string[]) =>
  execFileSync('unzip', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' }, maxBuffer: 64 * 1024 * 1024 })
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('an archive written as its files come', () => {
  it('is read back by unzip with every byte, name, time and mode', () => {
    const big = Buffer.alloc(3_000_001, 'sally')
    const path = write('plain.zip', (zip) => {
      zip.begin('a/名字 with blanks.txt', 1_700_000_001)
      zip.data(Buffer.from('first '))
      zip.data(Buffer.from('second'))
      zip.end()
      zip.begin('nothing', 1_000)
      zip.end()
      zip.folder('empty', 1_700_000_000)
      zip.begin('big', 1_700_000_000)
      for (let at = 0; at < big.length; at += 65_536) zip.data(big.subarray(at, at + 65_536))
      zip.end()
    })
    expect(unzip('-t', path)).toContain('No errors detected')
    unzip('-q', '-o', path, '-d', 'out')
    expect(readFileSync(join(folder, 'out/a/名字 with blanks.txt'), 'utf8')).toBe('first second')
    expect(statSync(join(folder, 'out/a/名字 with blanks.txt')).mtimeMs).toBe(1_700_000_001_000)
    expect(statSync(join(folder, 'out/a/名字 with blanks.txt')).mode & 0o777).toBe(0o644)
    expect(statSync(join(folder, 'out/nothing')).size).toBe(0)
    expect(statSync(join(folder, 'out/empty')).isDirectory()).toBe(true)
    expect(digest(readFileSync(join(folder, 'out/big')))).toBe(digest(big))
  })

  it('holds more files than 16 bits count', () => {
    const path = write('many.zip', (zip) => {
      for (let index = 0; index < 66_000; index++) {
        zip.begin(`f${index}`, 0)
        zip.data(Buffer.from([index & 0xff]))
        zip.end()
      }
    })
    expect(unzip('-tq', path)).toContain('No errors detected')
    expect(unzip('-Z', '-1', path).trim().split('\n').length).toBe(66_000)
  })

  it('is an archive though it is empty, and a file that was not ended is never mixed with the next', () => {
    expect(readFileSync(write('empty.zip', () => {})).toString('hex')).toBe(`504b0506${'00'.repeat(18)}`)
    const zip = new StoredZip(() => {})
    expect(() => zip.data(Buffer.from('x'))).toThrow('no file')
    zip.begin('a', 0)
    expect(() => zip.begin('b', 0)).toThrow('has not ended')
  })
})

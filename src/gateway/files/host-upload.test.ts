import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { waitUntil } from '../../../test/harness/wait.ts'
import { accountFolder, never, openFiles, type OpenedFiles } from './host-files.fixture.ts'
import type { HostFiles } from './host-files.ts'
import type { Upload } from './upload.ts'

let sshd: TestSshd
let bare: TestSshd
let opened: OpenedFiles
let openedBare: OpenedFiles
let files: HostFiles
let folder: Awaited<ReturnType<typeof accountFolder>>
const mounted: string[] = []
beforeAll(async () => {
  ;[sshd, bare] = await Promise.all([startSshd(), startSshd({ config: ['ForceCommand internal-sftp -P posix-rename,statvfs,fsync,limits,hardlink'] })])
  ;[opened, openedBare] = [await openFiles(sshd), await openFiles(bare)]
  files = opened.files
  folder = await accountFolder(sshd)
}, 60_000)
afterAll(async () => {
  opened?.close()
  openedBare?.close()
  for (const place of mounted) execFileSync('umount', ['-l', place])
  await folder?.remove()
  await Promise.all([sshd?.stop(), bare?.stop()])
})

const at = (...names: string[]) => path.join(folder.path, ...names)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const partsIn = (place: string) => readdirSync(place).filter((name) => name.endsWith('.sallyport-part'))
async function made(name: string): Promise<string> {
  mkdirSync(at(name))
  await folder.own(at(name))
  return at(name)
}
const mtime = 1_700_000_000_000
type Wish = { overwrite?: boolean; mtime?: number; permitted?: (real: string) => void; files?: HostFiles; bytes?: number }
const start = (place: string, bytes: number, wish: Wish = {}): Promise<Upload> =>
  (wish.files ?? files).startUpload({ path: place, bytes, mtime, overwrite: false, permitted: () => {}, ...wish }, never)
async function send(upload: Upload, content: Buffer, until = content.length): Promise<void> {
  for (let from = upload.offset; from < until; from += 65_536) await upload.write(content.subarray(from, Math.min(from + 65_536, until)))
}
async function put(place: string, content: Buffer, wish: Wish = {}) {
  const upload = await start(place, content.length, wish)
  await send(upload, content)
  return await upload.finish()
}

describe('an upload', () => {
  it.each([0, 1, 32_768, 261_120, 261_121, 10 * 1024 * 1024 + 17])(
    'of %d bytes stands there whole, compared and with its time, and not before',
    async (size) => {
      const place = await made(`size-${size}`)
      const content = randomBytes(size)
      const upload = await start(`${place}/名 file`, size)
      await send(upload, content)
      expect(existsSync(`${place}/名 file`)).toBe(false)
      expect(partsIn(place)).toHaveLength(1)
      expect(await upload.finish()).toEqual({ path: `${place}/名 file`, bytes: size, sha256: sha256(content), verified: 'host' })
      expect(readFileSync(`${place}/名 file`).equals(content)).toBe(true)
      expect(statSync(`${place}/名 file`).mtimeMs).toBe(mtime)
      expect(readdirSync(place)).toEqual(['名 file'])
      await expect(upload.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'transfer_not_found' })
    },
  )

  it('is read back where the host runs no commands and knows no extensions, and is put over what is there', async () => {
    const place = await made('bare')
    for (const content of [randomBytes(5_000_003), randomBytes(100)]) {
      expect(await put(`${place}/x`, content, { files: openedBare.files, overwrite: true })).toMatchObject({ sha256: sha256(content), verified: 'read-back' })
      expect(readFileSync(`${place}/x`).equals(content)).toBe(true)
    }
    expect(readdirSync(place)).toEqual(['x'])
  })

  it('takes pieces of every size', async () => {
    const content = randomBytes(1_500_000)
    const upload = await start(at('pieces'), content.length)
    for (let from = 0, size = 1; from < content.length; from += size, size = (size * 7 + 3) % 400_009) await upload.write(content.subarray(from, from + size))
    expect(await upload.finish()).toMatchObject({ sha256: sha256(content) })
  })

  it('goes over what is there only when told to, and keeps its rights then', async () => {
    const place = at('there')
    writeFileSync(place, 'old')
    await folder.own(place)
    chmodSync(place, 0o660)
    await expect(start(place, 3)).rejects.toMatchObject({ code: 'file_exists' })
    expect(readFileSync(place, 'utf8')).toBe('old')
    await put(place, Buffer.from('new'), { overwrite: true })
    expect(readFileSync(place, 'utf8')).toBe('new')
    expect(statSync(place).mode & 0o7777).toBe(0o660)
  })

  it('does not go over what came there meanwhile', async () => {
    const place = await made('meanwhile')
    const upload = await start(`${place}/x`, 3)
    await send(upload, Buffer.from('new'))
    writeFileSync(`${place}/x`, 'other')
    await expect(upload.finish()).rejects.toMatchObject({ code: 'file_exists' })
    expect(readFileSync(`${place}/x`, 'utf8')).toBe('other')
    expect(partsIn(place)).toEqual([])
  })

  it('is judged where it will stand in truth, before anything is written', async () => {
    const jail = await made('jail')
    const outside = await made('outside')
    writeFileSync(`${outside}/target`, 'old')
    symlinkSync(outside, `${jail}/out`)
    symlinkSync(`${outside}/target`, `${jail}/link`)
    symlinkSync(`${outside}/new`, `${jail}/dangling`)
    const asked: string[] = []
    const permitted = (real: string) => {
      asked.push(real)
      throw new Error('refused')
    }
    for (const name of ['out/x', 'link', 'dangling', '../outside/y'])
      await expect(start(`${jail}/${name}`, 1, { overwrite: true, permitted })).rejects.toThrow('refused')
    expect(asked).toEqual([`${outside}/x`, `${outside}/target`, `${outside}/new`, `${outside}/y`])
    expect(readdirSync(outside)).toEqual(['target'])
    // What is permitted goes to where the link leads, and the link stays.
    await put(`${jail}/link`, Buffer.from('new'), { overwrite: true })
    expect(lstatSync(`${jail}/link`).isSymbolicLink()).toBe(true)
    expect(readFileSync(`${outside}/target`, 'utf8')).toBe('new')
  })

  it('is refused where nothing of it can stand', async () => {
    execFileSync('mkfifo', [at('pipe')])
    mkdirSync(at('folder'))
    await expect(start(at('pipe'), 1, { overwrite: true })).rejects.toMatchObject({ code: 'file_refused' })
    await expect(start('/dev/null', 1, { overwrite: true })).rejects.toMatchObject({ code: 'file_refused' })
    await expect(start(at('folder'), 1, { overwrite: true })).rejects.toMatchObject({ code: 'file_exists' })
    await expect(start('/etc/x', 1)).rejects.toMatchObject({ code: 'file_denied' })
    await expect(start(at('none', 'x'), 1)).rejects.toMatchObject({ code: 'file_not_found' })
  })

  it('ends with exactly the bytes that were announced', async () => {
    const place = await made('announced')
    const upload = await start(`${place}/x`, 10)
    await upload.write(Buffer.alloc(9))
    await expect(upload.finish()).rejects.toMatchObject({ code: 'offset_wrong', detail: { offset: 9 } })
    await expect(upload.write(Buffer.alloc(2))).rejects.toMatchObject({ code: 'bad_request' })
    await upload.write(Buffer.alloc(1))
    expect(await upload.finish()).toMatchObject({ bytes: 10 })
  })

  it('leaves nothing when it is given up', async () => {
    const place = await made('given-up')
    const upload = await start(`${place}/x`, 1_000_000)
    await upload.write(randomBytes(500_000))
    await upload.abort()
    expect(readdirSync(place)).toEqual([])
  })
})

describe('a broken one', () => {
  it.each([
    ['the host’s own digest', () => files],
    ['reading back', () => openedBare.files],
  ])('is found by %s, removed and said so', async (_how, through) => {
    const place = await made(`broken-${through() === files ? 'digest' : 'back'}`)
    const upload = await start(`${place}/x`, 1_000_000, { files: through() })
    await upload.write(randomBytes(1_000_000))
    const [part = ''] = partsIn(place)
    await waitUntil('the first packets to be written', () => statSync(path.join(place, part)).size > 500_000)
    const handle = readFileSync(path.join(place, part))
    handle[7] = (handle[7] ?? 0) ^ 1
    // In place, as a faulty disk would.
    execFileSync('dd', [`of=${path.join(place, part)}`, 'bs=8', 'count=1', 'conv=notrunc', 'status=none'], { input: handle.subarray(0, 8) })
    await expect(upload.finish()).rejects.toMatchObject({ code: 'file_digest_differs' })
    expect(readdirSync(place)).toEqual([])
  })

  it('of a large file is found in a sample', async () => {
    const place = await made('broken-sample')
    const size = 257 * 1024 * 1024
    const upload = await start(`${place}/x`, size, { files: openedBare.files })
    const piece = Buffer.alloc(1024 * 1024, 7)
    for (let sent = 0; sent < size; sent += piece.length) await upload.write(piece)
    const [part = ''] = partsIn(place)
    execFileSync('dd', [`of=${path.join(place, part)}`, 'bs=8', 'count=1', 'conv=notrunc', 'status=none'], { input: Buffer.alloc(8) })
    await expect(upload.finish()).rejects.toMatchObject({ code: 'file_digest_differs' })
    expect(readdirSync(place)).toEqual([])
  })
})

describe('an interrupted one', () => {
  it('goes on with the same file, by another connection too', async () => {
    const place = await made('resumes')
    const content = randomBytes(12_000_000)
    const first = await start(`${place}/x`, content.length)
    await send(first, content, 9_000_000)
    await first.suspend()
    expect(statSync(path.join(place, partsIn(place)[0] ?? '')).size).toBe(9_000_000)
    const other = await openFiles(sshd)
    try {
      const second = await start(`${place}/x`, content.length, { files: other.files })
      // What had perhaps not been answered is sent again.
      expect(second.offset).toBe(9_000_000 - 4 * 1024 * 1024)
      await send(second, content)
      expect(await second.finish()).toMatchObject({ sha256: sha256(content), verified: 'host' })
      expect(readFileSync(`${place}/x`).equals(content)).toBe(true)
      expect(readdirSync(place)).toEqual(['x'])
    } finally {
      other.close()
    }
  })

  it('leaves what came when its connection is cut, and nothing under its name', async () => {
    const place = await made('cut')
    const content = randomBytes(12_000_000)
    const cut = await openFiles(sshd)
    const first = await start(`${place}/x`, content.length, { files: cut.files })
    await send(first, content, 9_000_000)
    cut.connection.close()
    await expect(send(first, content)).rejects.toMatchObject({ code: 'host_protocol_error' })
    expect(readdirSync(place)).toEqual(partsIn(place))
    const second = await start(`${place}/x`, content.length)
    expect(second.offset).toBeGreaterThan(0)
    await send(second, content)
    expect(await second.finish()).toMatchObject({ sha256: sha256(content) })
  })

  it('gives way to itself when it is begun again', async () => {
    const place = await made('twice')
    const content = randomBytes(6_000_000)
    const first = await start(`${place}/x`, content.length)
    await send(first, content, 5_000_000)
    const second = await start(`${place}/x`, content.length)
    await expect(first.write(Buffer.alloc(1))).rejects.toMatchObject({ code: 'transfer_not_found' })
    expect(second.offset).toBe(5_000_000 - 4 * 1024 * 1024)
    await send(second, content)
    expect(await second.finish()).toMatchObject({ sha256: sha256(content) })
  })

  it('is written by one alone when it is begun twice at once', async () => {
    const place = await made('at-once')
    const content = randomBytes(1_000_000)
    const [first, second] = await Promise.all([start(`${place}/x`, content.length), start(`${place}/x`, content.length)])
    await expect(first.write(content)).rejects.toMatchObject({ code: 'transfer_not_found' })
    await send(second, content)
    expect(await second.finish()).toMatchObject({ sha256: sha256(content), verified: 'host' })
    expect(readdirSync(place)).toEqual(['x'])
  })

  it.each([
    ['another file', {}, { mtime: mtime + 1 }],
    ['a file of another size', {}, { bytes: 5_999_999 }],
    ['a part older than seven days', { ageDays: 8 }, {}],
    ['a part from the future', { ageDays: -8 }, {}],
    ['a part longer than the file', { grows: true }, {}],
    ['a link in the place of the part', { link: true }, {}],
  ])('is begun anew for %s', async (_why, lying: { ageDays?: number; grows?: boolean; link?: boolean }, wish: Wish) => {
    const place = await made(`anew-${randomBytes(4).toString('hex')}`)
    const first = await start(`${place}/x`, 6_000_000)
    await first.write(randomBytes(5_900_000))
    await first.suspend()
    const part = path.join(place, partsIn(place)[0] ?? '')
    if (lying.grows) truncateSync(part, 6_000_001)
    if (lying.ageDays !== undefined) utimesSync(part, Date.now() / 1000 - lying.ageDays * 86_400, Date.now() / 1000 - lying.ageDays * 86_400)
    if (lying.link) {
      writeFileSync(`${place}/victim`, 'x'.repeat(100))
      await folder.own(`${place}/victim`)
      execFileSync('ln', ['-sf', 'victim', part])
    }
    const content = randomBytes(wish.bytes ?? 6_000_000)
    const second = await start(`${place}/x`, content.length, wish)
    expect(second.offset).toBe(0)
    await send(second, content)
    expect(await second.finish()).toMatchObject({ sha256: sha256(content), verified: 'host' })
    if (lying.link) expect(readFileSync(`${place}/victim`, 'utf8')).toBe('x'.repeat(100))
  })

  it('is never found again without the file’s time', async () => {
    const place = await made('timeless')
    const wish = { path: `${place}/x`, bytes: 6_000_000, overwrite: false, permitted: () => {} }
    const first = await files.startUpload(wish, never)
    await first.write(randomBytes(5_900_000))
    await first.suspend()
    expect((await files.startUpload(wish, never)).offset).toBe(0)
  })

  it('has a part whose name fits wherever the file’s own does', async () => {
    const place = await made('long-names')
    for (const name of ['x'.repeat(255), '名'.repeat(85)]) await put(`${place}/${name}`, Buffer.from('x'))
    expect(readdirSync(place)).toHaveLength(2)
    expect(partsIn(place)).toEqual([])
  })
})

describe('a disk', () => {
  const disk = async (name: string, options: string): Promise<string> => {
    if (process.getuid?.() !== 0) throw new Error('this test mounts a small disk of its own: run it as root')
    const place = await made(name)
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place])
    mounted.push(place)
    if (!options.includes('ro')) await folder.own(place)
    return place
  }

  it('that is too small is said to be before anything is written', async () => {
    const place = await disk('small', 'size=4m')
    await expect(start(`${place}/x`, 5_000_000)).rejects.toMatchObject({ code: 'host_disk_full' })
    expect(readdirSync(place)).toEqual([])
  })

  it('that fills on the way is said to be full, and keeps nothing of it', async () => {
    const place = await disk('fills', 'size=4m')
    const upload = await start(`${place}/x`, 3_000_000)
    writeFileSync(`${place}/other`, Buffer.alloc(2_500_000))
    await expect(
      (async () => {
        await send(upload, randomBytes(3_000_000))
        await upload.finish()
      })(),
    ).rejects.toMatchObject({ code: 'host_disk_full' })
    await upload.abort()
    expect(readdirSync(place)).toEqual(['other'])
  })

  it('that is read only is said to be', async () => {
    const place = await disk('read-only', 'size=1m,ro,mode=777')
    await expect(start(`${place}/x`, 10)).rejects.toMatchObject({ code: 'file_denied', message: expect.stringContaining('read only') as string })
  })
})

describe('a host that takes nothing', () => {
  it('holds whoever sends, and some megabytes', async () => {
    const frozen = await startSshd()
    const there = await openFiles(frozen)
    try {
      const stop = new AbortController()
      const upload = await there.files.startUpload({ path: at('frozen'), bytes: 100_000_000, overwrite: false, permitted: () => {} }, stop.signal)
      frozen.freezeSessions()
      let sent = 0
      const sending = (async () => {
        for (const piece = Buffer.alloc(65_536); ; sent += piece.length) await upload.write(piece)
      })()
      sending.catch(() => undefined)
      let last = -1
      await waitUntil('the sender to stand still', async () => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        const isStill = sent === last && sent > 0
        last = sent
        return isStill
      })
      expect(sent).toBeLessThanOrEqual(4.5 * 1024 * 1024)
      stop.abort(new Error('enough'))
      await expect(sending).rejects.toThrow('enough')
    } finally {
      frozen.freezeSessions(false)
      there.close()
      await frozen.stop()
    }
  })
})

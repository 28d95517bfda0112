import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { waitUntil } from '../../../test/harness/wait.ts'
import { accountFolder, never, openFiles, type OpenedFiles, taken } from './host-files.fixture.ts'
import type { HostFiles } from './host-files.ts'

let sshd: TestSshd
/** No commands run there, and none of OpenSSH's extensions are known. */
let bare: TestSshd
let opened: OpenedFiles
let openedBare: OpenedFiles
let files: HostFiles
let folder: Awaited<ReturnType<typeof accountFolder>>
const without = 'posix-rename@openssh.com,statvfs@openssh.com,fsync@openssh.com,limits@openssh.com,hardlink@openssh.com'
beforeAll(async () => {
  ;[sshd, bare] = await Promise.all([startSshd(), startSshd({ config: [`ForceCommand internal-sftp -P ${without.replaceAll('@openssh.com', '')}`] })])
  ;[opened, openedBare] = [await openFiles(sshd), await openFiles(bare)]
  files = opened.files
  folder = await accountFolder(sshd)
}, 60_000)
afterAll(async () => {
  opened?.close()
  openedBare?.close()
  await folder?.remove()
  await Promise.all([sshd?.stop(), bare?.stop()])
})

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
function written(name: string, bytes: Uint8Array): string {
  const file = path.join(folder.path, name)
  writeFileSync(file, bytes)
  return file
}
/** What came, and how it ended. */
async function whole(place: string, from?: HostFiles) {
  const download = await (from ?? files).download(place, {}, never)
  const bytes = await taken(download.read())
  return { bytes, download, done: await download.whenDone }
}

describe('a download', () => {
  it.each([0, 1, 32_768, 261_120, 261_121, 10 * 1024 * 1024 + 17])('of %d bytes is all of it, and compared with the host’s own digest', async (size) => {
    const content = randomBytes(size)
    const { bytes, download, done } = await whole(written(`file-${size}`, content))
    expect(bytes.equals(content)).toBe(true)
    expect(download.bytes).toBe(size)
    expect(done).toEqual({ bytes: size, sha256: sha256(content), verified: 'host' })
  })

  it('has names that a shell would take apart', async () => {
    for (const name of [`it's "a" $(touch x) \`y\` ; !! \\n`, 'new\nline\n', '-rf', ' blank ', "'", '\\', '名 前']) {
      const content = randomBytes(100)
      const { done } = await whole(written(name, content))
      expect(done).toEqual({ bytes: 100, sha256: sha256(content), verified: 'host' })
    }
  })

  it('is read back where the host runs no commands and knows no extensions', async () => {
    const content = randomBytes(5 * 1024 * 1024 + 3)
    const { bytes, done } = await whole(written('read-back', content), openedBare.files)
    expect(bytes.equals(content)).toBe(true)
    expect(done).toEqual({ bytes: content.length, sha256: sha256(content), verified: 'read-back' })
  })

  it('of a sparse file above the set size is compared in samples there', async () => {
    const place = written('sparse', randomBytes(1000))
    truncateSync(place, 300 * 1024 * 1024)
    const download = await openedBare.files.download(place, {}, never)
    let length = 0
    for await (const piece of download.read()) length += piece.length
    expect(length).toBe(300 * 1024 * 1024)
    expect(await download.whenDone).toMatchObject({ verified: 'sampled', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  })

  it('is not compared when nobody wants it', async () => {
    const download = await files.download(written('plain', Buffer.from('x')), { verify: false }, never)
    await taken(download.read())
    expect(await download.whenDone).toEqual({ bytes: 1, sha256: sha256(Buffer.from('x')), verified: 'none' })
  })

  it('says that the host has something else', async () => {
    const place = written('swapped', randomBytes(1000))
    utimesSync(place, 1_700_000_000, 1_700_000_000)
    const download = await openedBare.files.download(place, {}, never)
    const reading = download.read()
    await reading.next()
    writeFileSync(place, randomBytes(1000))
    utimesSync(place, 1_700_000_000, 1_700_000_000)
    expect((await reading.next()).done).toBe(true)
    expect(await download.whenDone).toMatchObject({ verified: 'differs' })
  })
})

describe('a range', () => {
  it('is what was asked for, from its first byte to its last', async () => {
    const content = randomBytes(3_000_000)
    const place = written('range', content)
    for (const [from, to] of [
      [0, 0],
      [0, 2_999_999],
      [1_000_000, 2_000_000],
      [2_999_999, 2_999_999],
      [2_999_000, 9_999_999],
    ] as const) {
      const download = await files.download(place, { from, to }, never)
      expect((await taken(download.read())).equals(content.subarray(from, to + 1))).toBe(true)
    }
    await expect(files.download(place, { from: 3_000_001 }, never)).rejects.toMatchObject({ code: 'range_not_satisfiable', detail: { bytes: 3_000_000 } })
  })

  it('that goes on where another was broken off is hashed from the beginning', async () => {
    const content = randomBytes(20_000_000)
    const place = written('resumed', content)
    const first = await files.download(place, {}, never)
    let got = 0
    for await (const piece of first.read()) {
      got += piece.length
      if (got > 12_000_000) break
    }
    await expect(first.whenDone).rejects.toMatchObject({ code: 'client_left' })
    // The browser has less than was handed over.
    const from = got - 1_234_567
    const second = await files.download(place, { from }, never)
    expect(second.etag).toBe(first.etag)
    expect((await taken(second.read())).equals(content.subarray(from))).toBe(true)
    expect(await second.whenDone).toEqual({ bytes: content.length - from, sha256: sha256(content), verified: 'host' })
    // Of one that goes on from nothing that is known there is no digest.
    const third = await files.download(place, { from }, never)
    await taken(third.read())
    expect(await third.whenDone).toEqual({ bytes: content.length - from, verified: 'none' })
  })

  it('of another file than the one that was begun is not put together with it', async () => {
    const place = written('two-files', randomBytes(1_000_000))
    const first = await files.download(place, { from: 0, to: 499_999 }, never)
    await taken(first.read())
    expect(await first.whenDone).toEqual({ bytes: 500_000, verified: 'none' })
    utimesSync(place, 1_600_000_000, 1_600_000_000)
    const second = await files.download(place, { from: 500_000 }, never)
    expect(second.etag).not.toBe(first.etag)
    await taken(second.read())
    expect(await second.whenDone).toEqual({ bytes: 500_000, verified: 'none' })
  })
})

describe('what is no plain file', () => {
  it('is refused, and nothing waits for it', async () => {
    execFileSync('mkfifo', [path.join(folder.path, 'pipe')])
    chmodSync(path.join(folder.path, 'pipe'), 0o666)
    mkdirSync(path.join(folder.path, 'folder'))
    for (const place of ['/dev/zero', '/dev/null', path.join(folder.path, 'pipe'), path.join(folder.path, 'folder'), '/'])
      await expect(files.download(place, {}, never)).rejects.toMatchObject({ code: 'file_refused' })
    await expect(files.download(path.join(folder.path, 'none'), {}, never)).rejects.toMatchObject({ code: 'file_not_found' })
    await expect(files.download('/etc/shadow', {}, never)).rejects.toMatchObject({ code: 'file_denied' })
    expect(await files.real('/')).toBe('/')
  })

  it('is not reached by a link that took its place after it was judged', async () => {
    const inside = path.join(folder.path, 'inside')
    mkdirSync(inside)
    writeFileSync(path.join(inside, 'passwd'), 'mine')
    const judged = await files.real(path.join(inside, 'passwd'))
    renameSync(inside, `${inside}-old`)
    symlinkSync('/etc', inside)
    await expect(files.download(judged, {}, never)).rejects.toMatchObject({ code: 'file_changed' })
  })

  it('is a file of the kernel that says it is empty', async () => {
    const download = await files.download('/proc/version', {}, never)
    await expect(taken(download.read())).rejects.toMatchObject({ code: 'file_changed' })
  })
})

describe('a file that is changed while it is read', () => {
  it.each([
    ['became shorter', (place: string) => truncateSync(place, 9_000_000)],
    ['was written to', (place: string) => utimesSync(place, 1_700_000_000, 1_700_000_000)],
  ])('fails when it %s', async (_how, change) => {
    const place = written('changing', randomBytes(10_000_000))
    const download = await files.download(place, {}, never)
    const reading = download.read()
    await reading.next()
    change(place)
    const rest = (async () => {
      for await (const piece of reading) expect(piece.length).toBeGreaterThan(0)
    })()
    await expect(rest).rejects.toMatchObject({ code: 'file_changed' })
    await expect(download.whenDone).rejects.toMatchObject({ code: 'file_changed' })
  })

  it('is given as it was at the beginning when it only grew, and said to be not compared', async () => {
    const content = randomBytes(10_000_000)
    const place = written('log', content)
    const download = await files.download(place, {}, never)
    const reading = download.read()
    const first = await reading.next()
    appendFileSync(place, 'more')
    const rest = await taken(reading)
    expect(Buffer.concat([first.value ?? Buffer.alloc(0), rest]).equals(content)).toBe(true)
    await expect(download.whenDone).resolves.toEqual({ bytes: content.length, sha256: sha256(content), verified: 'none' })
  })

  it('keeps what it was when another takes its name', async () => {
    const content = randomBytes(6_000_000)
    const place = written('replaced', content)
    const download = await files.download(place, { verify: false }, never)
    const reading = download.read()
    const first = await reading.next()
    writeFileSync(`${place}.new`, 'new')
    renameSync(`${place}.new`, place)
    const rest = await taken(reading)
    expect(Buffer.concat([first.value ?? Buffer.alloc(0), rest]).equals(content)).toBe(true)
  })
})

describe('who takes nothing', () => {
  it('is given no more than some megabytes, and others are served beside', async () => {
    const place = written('large', randomBytes(30_000_000))
    const download = await files.download(place, {}, never)
    const reading = download.read()
    await reading.next()
    expect(await files.real('/')).toBe('/')
    const before = received()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await files.real('/')).toBe('/')
    expect(received() - before).toBeLessThan(100_000)
    await reading.return()
    await expect(download.whenDone).rejects.toMatchObject({ code: 'client_left' })
  })

  it('who gives the memory back has the next pieces in it, and never two in one', async () => {
    const content = randomBytes(30_000_000)
    const download = await files.download(written('given-back', content), {}, never)
    const memory = new Set<ArrayBufferLike>()
    const hash = createHash('sha256')
    let before: Uint8Array | undefined
    for await (const piece of download.read()) {
      memory.add(piece.buffer)
      hash.update(piece)
      // Said twice it means nothing, also when its memory is in use again.
      if (before) download.giveBack(before)
      download.giveBack(piece)
      before = piece
    }
    expect(await download.whenDone).toEqual({ bytes: content.length, sha256: sha256(content), verified: 'host' })
    expect(hash.digest('hex')).toBe(sha256(content))
    expect(memory.size).toBeLessThanOrEqual(24)
  })

  it('leaves no file open on the host', async () => {
    const place = written('left-open', randomBytes(5_000_000))
    const stop = new AbortController()
    await files.download(place, {}, stop.signal)
    const reading = (await files.download(place, {}, stop.signal)).read()
    await reading.next()
    const unread = await files.download(place, {}, never)
    for await (const piece of unread.read()) if (piece.length > 0) break
    expect(openOnHost(place)).toBeGreaterThan(0)
    stop.abort(new Error('enough'))
    await expect(taken(reading)).rejects.toThrow('enough')
    await waitUntil('the host to close the file', () => openOnHost(place) === 0)
  })
})

/** Bytes of the process that were read, sockets among them. */
const received = (): number => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0)
function openOnHost(place: string): number {
  return (
    sshd
      .sessionPids()
      .map((pid) => execFileSync('sh', ['-c', `ls -l /proc/${pid}/fd 2>/dev/null || true`], { encoding: 'utf8' }))
      .join('\n')
      .split(place).length - 1
  )
}

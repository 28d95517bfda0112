// Hosts whose SFTP server lies, floods, mumbles or is silent.
import { afterEach, describe, expect, it } from 'vitest'
import { waitUntil } from '../../../test/harness/wait.ts'
import type { FileEntry } from '#wire/files.ts'
import { HostFiles } from '../files/host-files.ts'
import { AnswerStream } from './answer-stream.ts'
import { type Asked, folderAttributes, packetOf, plainFile, type Play, type PlayedHost, playHost, status } from './played-sftp-host.fixture.ts'
import { SftpClient } from './sftp-client.ts'
import { OpenFlag, Sftp, StatusCode } from './sftp-wire.ts'

const never = new AbortController().signal
let host: PlayedHost | undefined
afterEach(async () => {
  await host?.close()
  host = undefined
})
async function client(play: (asked: Asked) => void, options?: Play): Promise<SftpClient> {
  host = await playHost(play, options)
  return await SftpClient.open(host.connection, never)
}
async function filesOf(play: (asked: Asked) => void, options?: Play): Promise<HostFiles> {
  host = await playHost((asked) => {
    if (asked.type === Sftp.realpath) {
      const path = asked.reader.path()
      asked.answer(Sftp.name, 1, path === '.' ? '/users/me' : path, '', 0)
    } else play(asked)
  }, options)
  return await HostFiles.open(host.connection, never)
}
const broken = { code: 'host_protocol_error' }

describe('a packet', () => {
  it('is put together however it is cut, and one that is too long or too short ends it', () => {
    const bytes = Buffer.concat([packetOf(101, 1, 'one'), packetOf(103, 2, Buffer.alloc(300)), packetOf(101, 3)])
    for (let cut = 1; cut < 40; cut += 1) {
      const got: Buffer[] = []
      const stream = new AnswerStream(
        (packet) => void got.push(packet),
        (why) => expect.unreachable(why),
      )
      for (let at = 0; at < bytes.length; at += cut) stream.push(bytes.subarray(at, at + cut))
      expect(got.map((each) => [each[0], each.readUInt32BE(1), each.length])).toEqual([
        [101, 1, 12],
        [103, 2, 309],
        [101, 3, 5],
      ])
    }
    for (const length of [0, 4, 256 * 1024 + 1, 0xffff_ffff]) {
      const stream = new AnswerStream(
        () => expect.unreachable(),
        () => {
          throw new Error('cut')
        },
      )
      const head = Buffer.alloc(4)
      head.writeUInt32BE(length)
      expect(() => stream.push(head)).toThrow('cut')
    }
  })
})

describe('a host that does not begin to speak SFTP', () => {
  it.each([
    ['prints its login scripts', Buffer.from('Welcome to the machine!\r\n')],
    ['announces a packet of 4 GiB', Buffer.from('ffffffff02', 'hex')],
    ['is of an older version', packetOf(Sftp.version, 2)],
    ['begins with another packet', status(1, 0)],
    ['cuts its extensions short', packetOf(Sftp.version, 3, 0x7fff_ffff)],
  ])('and %s is told', async (_how, begin) => {
    await expect(client(() => {}, { begin })).rejects.toMatchObject(broken)
  })

  it('is not waited for when nobody wants it any more', async () => {
    host = await playHost(() => {}, { begin: Buffer.alloc(0) })
    const stop = new AbortController()
    const opening = SftpClient.open(host.connection, stop.signal)
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(opening).rejects.toThrow('enough')
  })
})

describe('an answer that fits no question', () => {
  it.each<[string, (asked: Asked) => void]>([
    ['has an id that nobody gave', ({ id, say }) => say(status(id + 1, 0))],
    ['comes twice', ({ id, say }) => say(Buffer.concat([status(id, 0), status(id, 0)]))],
    ['is of another kind', ({ answer }) => answer(Sftp.handle, 'h')],
    ['is cut short', ({ id, say }) => say(packetOf(Sftp.attrs, id, 1))],
    ['is of no kind', ({ id, say }) => say(packetOf(77, id))],
  ])('%s: that ends it, and everything that waits with it', async (_how, play) => {
    const sftp = await client(play)
    const asked = [sftp.lstat('/a', never), sftp.stat('/b', never)]
    await Promise.allSettled(asked)
    await waitUntil('the channel to end', () => sftp.gone.aborted)
    expect(sftp.gone.reason).toMatchObject(broken)
    await expect(sftp.stat('/c', never)).rejects.toMatchObject(broken)
  })

  it.each<[string, Buffer]>([
    ['more than was asked for', Buffer.alloc(101)],
    ['nothing', Buffer.alloc(0)],
  ])('gives %s of a file', async (_how, bytes) => {
    const sftp = await client(({ type, answer }) => (type === Sftp.open ? answer(Sftp.handle, 'h') : answer(Sftp.data, bytes)))
    const handle = await sftp.open('/a', OpenFlag.read, {}, never)
    await expect(sftp.read(handle, 0, 100, never)).rejects.toMatchObject(broken)
    expect(sftp.gone.aborted).toBe(true)
  })

  it('has a handle of more than 256 bytes', async () => {
    const sftp = await client(({ answer }) => answer(Sftp.handle, 'h'.repeat(257)))
    await expect(sftp.open('/a', OpenFlag.read, {}, never)).rejects.toMatchObject(broken)
  })
})

describe('a refusal', () => {
  it('is told with the host’s words, cleaned and cut', async () => {
    const sftp = await client(({ id, say }) => say(status(id, StatusCode.failure, `no\r\n\x1b[2J\u202e${'x'.repeat(5000)}`)))
    for (const path of ['/a\x1b[2J\u202eb', `/a${'y'.repeat(5000)}`]) {
      const failure = await sftp.stat(path, never).catch((cause: unknown) => cause as Error)
      expect(failure).toMatchObject({ code: 'host_file_error', detail: { status: 4 } })
      expect((failure as Error).message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect((failure as Error).message.length).toBeLessThan(700)
    }
  })
})

describe('what was given up', () => {
  it('is closed when the host opens it late', async () => {
    let late: (() => void) | undefined
    const sftp = await client((asked) => {
      if (asked.type === Sftp.open) late = () => asked.answer(Sftp.handle, 'h')
      else asked.say(status(asked.id, 0))
    })
    const stop = new AbortController()
    const opening = sftp.open('/a', OpenFlag.read, {}, stop.signal)
    await waitUntil('the question to come', () => late !== undefined)
    stop.abort(new Error('enough'))
    await expect(opening).rejects.toThrow('enough')
    late?.()
    await waitUntil('the handle to be closed', () => host?.asked.includes(Sftp.close) ?? false)
    expect(sftp.gone.aborted).toBe(false)
  })

  it('never asks more than 64 at once of a host that answers nothing', async () => {
    const sftp = await client(() => {})
    const all = Array.from({ length: 300 }, () => sftp.stat('/a', never))
    await waitUntil('questions to come', () => host?.asked.length === 64)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(host?.asked.length).toBe(64)
    sftp.close()
    expect((await Promise.allSettled(all)).every(({ status: how }) => how === 'rejected')).toBe(true)
  })
})

describe('a listing of a host that lies', () => {
  const listing = (names: (asked: Asked) => void) => (asked: Asked) => {
    if (asked.type === Sftp.opendir) asked.answer(Sftp.handle, 'd')
    else if (asked.type === Sftp.readdir) names(asked)
    else asked.say(status(asked.id, 0))
  }
  const named = (...names: string[]) => names.flatMap((name) => [name, 'a long line', ...folderAttributes])

  it('without end is cut at 200,000 names', async () => {
    const many = named(...Array.from({ length: 2000 }, (_each, at) => `file-${at}`))
    const files = await filesOf(listing(({ answer }) => answer(Sftp.name, 2000, ...many)))
    let total = 0
    expect(await files.list('/', (entries) => void (total += entries.length), never)).toEqual({ folder: '/', total: 200_000, isTruncated: true })
    expect(total).toBe(200_000)
  })

  it('has names that cannot be used', async () => {
    let isOver = false
    const files = await filesOf(
      listing(({ id, answer, say }) => {
        if (isOver) return say(status(id, StatusCode.eof))
        isOver = true
        answer(Sftp.name, 5, ...named('../etc', '/etc/passwd', 'a\0b', '', 'x'.repeat(5000)))
      }),
    )
    const all: FileEntry[] = []
    await files.list('/', (entries) => void all.push(...entries), never)
    expect(all.map(({ isUsable }) => isUsable)).toEqual([false, false, false, false, false])
    expect(all.at(-1)?.name.length).toBe(1024)
  })

  it.each(['../../etc/passwd', '/etc/passwd', 'a\0b', ''])('never makes a removal leave its folder: %j', async (name) => {
    const files = await filesOf((asked) => {
      if (asked.type === Sftp.lstat) asked.answer(Sftp.attrs, ...folderAttributes)
      else listing(({ answer }) => answer(Sftp.name, 1, name, '', 4, 0o100644))(asked)
    })
    await expect(files.remove('/srv/folder', { recursive: true })).rejects.toMatchObject(broken)
    expect(host?.asked).not.toContain(Sftp.remove)
    expect(host?.asked).not.toContain(Sftp.rmdir)
  })

  it('counts names that are not there, or gives none', async () => {
    const lying = await filesOf(listing(({ answer }) => answer(Sftp.name, 0xffff_ffff, ...named('a'))))
    await expect(lying.list('/', () => {}, never)).rejects.toMatchObject(broken)
    await host?.close()
    const empty = await filesOf(listing(({ answer }) => answer(Sftp.name, 0)))
    await expect(empty.list('/', () => {}, never)).rejects.toMatchObject(broken)
  })

  it('is not gone into where a folder was swapped for a link', async () => {
    host = await playHost((asked) => {
      if (asked.type === Sftp.realpath) {
        const path = asked.reader.path()
        asked.answer(Sftp.name, 1, path === '.' ? '/users/me' : path === '/srv/folder' ? '/etc' : path, '', 0)
      } else if (asked.type === Sftp.lstat) asked.answer(Sftp.attrs, ...folderAttributes)
      else listing(({ answer }) => answer(Sftp.name, 1, 'passwd', '', 4, 0o100644))(asked)
    })
    const files = await HostFiles.open(host.connection, never)
    await expect(files.remove('/srv/folder', { recursive: true })).rejects.toMatchObject({ code: 'file_changed' })
    expect(host.asked).not.toContain(Sftp.remove)
  })
})

describe('a file of a host that gives it as it likes', () => {
  const content = Buffer.from(Array.from({ length: 400_000 }, (_each, at) => (at * 31) % 251))
  /** Answers late, in any order, and with less than was asked for. */
  function giving(most: number): (asked: Asked) => void {
    const waiting: (() => void)[] = []
    let seed = 5
    return (asked) => {
      const { type, id, reader, say, answer } = asked
      if (type === Sftp.lstat || type === Sftp.fstat) return answer(Sftp.attrs, ...plainFile(content.length))
      if (type === Sftp.open) return answer(Sftp.handle, 'h')
      if (type !== Sftp.read) return say(status(id, 0))
      reader.handle()
      const [offset, length] = [reader.uint64(), reader.uint32()]
      waiting.push(() => answer(Sftp.data, content.subarray(offset, offset + Math.min(length, most))))
      setImmediate(() => {
        seed = (seed * 48_271) % 2_147_483_647
        waiting.splice(seed % waiting.length, 1)[0]?.()
      })
    }
  }
  it.each([1, 7000, 32_768])('is put together right, %d KB or less at a time', async (most) => {
    const files = await filesOf(giving(most === 1 ? 1000 : most), { exec: { prints: 'Last login: today\nnonsense\n', status: 0 } })
    const download = await files.download('/a', {}, never)
    const pieces: Uint8Array[] = []
    for await (const piece of download.read()) pieces.push(piece)
    expect(Buffer.concat(pieces).equals(content)).toBe(true)
    expect(await download.whenDone).toMatchObject({ verified: 'read-back' })
  })

  it.each([
    ['answers with a flood', 'x'.repeat(100_000), 0],
    ['answers with another digest', `${'ab'.repeat(32)}  -\n`, 0],
    ['fails', `${'ab'.repeat(32)}  -\n`, 1],
  ] as const)('is not believed when its command %s', async (_how, prints, code) => {
    const files = await filesOf(giving(32_768), { exec: { prints, status: code } })
    const download = await files.download('/a', {}, never)
    for await (const piece of download.read()) expect(piece.length).toBeGreaterThan(0)
    expect((await download.whenDone).verified).toBe(prints.startsWith('ab') && code === 0 ? 'differs' : 'read-back')
  })
})

// A real HTTP server on the other side, and a real line that is cut: what is checked is what crosses the wire.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FileEntry } from '#wire/files.ts'
import { asFailure } from '../failure-answer.ts'
import { archiveUrl, contentUrl, zmodemUrl } from './file-addresses.ts'
import type { FilesAt } from './host-folder.ts'
import { makeFolder, openFiles } from './host-folder.ts'
import { listFolder } from './list-folder.ts'
import { usualTransferPace } from './patience.ts'
import type { UploadProgress } from './upload-file.ts'
import { FileUpload } from './upload-file.ts'

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void
let answer: Answer
const seen: { method: string; url: string; headers: IncomingMessage['headers']; bytes: number }[] = []
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts)
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, bytes: body.length })
    answer(request, response, body)
  })
})
let at: FilesAt
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  at = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, session: 'se_1', headers: () => ({ authorization: 'Bearer sp_x' }) }
})
beforeEach(() => void seen.splice(0))
afterAll(() => void server.close())

const say = (response: ServerResponse, status: number, body: object) => void response.writeHead(status).end(JSON.stringify(body))
const refuse = (response: ServerResponse, status: number, code: string, detail?: object) => say(response, status, { error: { code, message: code, detail } })
const failureOf = (call: Promise<unknown>) => call.then(() => Promise.reject(new Error('it was not refused')), asFailure)
const quick = { waitsMs: [5], giveUpAfterMs: 1500, requestMs: 5000 }
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const some = (bytes: number) => Uint8Array.from({ length: bytes }, (_, n) => (n * 7 + (n >> 9)) & 0xff)

describe('a files session', () => {
  it('is opened with its ticket, and asked as a page of its own origin asks', async () => {
    answer = (_request, response) => say(response, 201, { session: 'se_1', kind: 'sftp', home: '/users/me', rules: [] })
    expect(await openFiles(at, 'tk_0123456789012345678901')).toMatchObject({ session: 'se_1', home: '/users/me' })
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/v1/files', headers: { 'x-sallyport': '1', authorization: 'Bearer sp_x' } })
    answer = (_request, response) => refuse(response, 403, 'file_denied', { rule: 'ops' })
    expect(await failureOf(makeFolder(at, '/etc/x'))).toMatchObject({ code: 'file_denied', detail: { rule: 'ops' } })
    expect(seen.at(-1)).toMatchObject({ url: '/api/v1/files/se_1/folder' })
    answer = (_request, response) => say(response, 201, { session: 'se_1' })
    expect((await failureOf(openFiles(at, 'tk_0123456789012345678901'))).code).toBe('internal')
  })

  it('names files in addresses so that none of their characters acts', () => {
    expect(contentUrl('se_1', '/a b/ü&path=x#?')).toBe('/api/v1/files/se_1/content?path=%2Fa%20b%2F%C3%BC%26path%3Dx%23%3F')
    expect(archiveUrl('se_1', ['/a', '/b&c'])).toBe('/api/v1/files/se_1/archive?path=%2Fa&path=%2Fb%26c')
    expect(zmodemUrl('se_1', '0'.repeat(24), 'next')).toBe(`/api/v1/files/se_1/zmodem/${'0'.repeat(24)}/next`)
  })
})

describe('a folder', () => {
  const entry = (name: string): FileEntry => ({ name, isUsable: true, kind: 'file', bytes: 1 })
  const read = async () => {
    const names: string[] = []
    const list = await listFolder(at, { path: '/srv', onEntries: (entries) => names.push(...entries.map(({ name }) => name)) })
    return { ...list, names }
  }

  it('is read as it comes, wherever the line is cut into packets', async () => {
    const text = Buffer.from(
      [{ folder: '/srv' }, { entries: [entry('a'), entry('中文')] }, { entries: [entry('c')] }, { end: { total: 3, isTruncated: false } }]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    )
    answer = (_request, response) => {
      response.writeHead(200)
      const step = (from: number): void => void (from >= text.length ? response.end() : response.write(text.subarray(from, from + 7), () => step(from + 7)))
      step(0)
    }
    expect(await read()).toEqual({ folder: '/srv', total: 3, isTruncated: false, names: ['a', '中文', 'c'] })
  })

  it.each([
    ['says in the middle why it cannot go on', '{"folder":"/srv"}\n{"error":{"code":"file_denied","message":"No."}}\n', 'file_denied'],
    ['that ends before its end is a lost line', '{"folder":"/srv"}\n{"entries":[]}\n', 'gateway_unavailable'],
    ['whose end is cut is a lost line', '{"folder":"/srv"}\n{"end":{"total":1,"isTruncated":false}}', 'gateway_unavailable'],
    ['that is something else is not shown', '<html>\n', 'internal'],
  ])('%s', async (_name, text, code) => {
    answer = (_request, response) => void response.writeHead(200).end(text)
    expect((await failureOf(read())).code).toBe(code)
  })
})

describe('an upload', () => {
  /** Keeps what arrives as the gateway does; `act` may do otherwise with a request, and then answers true. */
  function host(act: (...what: Parameters<Answer>) => boolean = () => false) {
    const kept = { bytes: Buffer.alloc(0), started: 0, removed: false }
    answer = (request, response, body) => {
      if (act(request, response, body) === true) return
      const url = new URL(request.url ?? '', 'http://x')
      if (request.method === 'DELETE') {
        kept.removed = true
        return say(response, 200, {})
      }
      if (url.pathname.endsWith('/uploads')) {
        kept.started++
        return say(response, 201, { upload: 'up_1', offset: kept.bytes.length })
      }
      if (url.pathname.endsWith('/finish')) return say(response, 200, { path: '/srv/a', bytes: kept.bytes.length, sha256: sha(kept.bytes), verified: 'host' })
      if (Number(url.searchParams.get('offset')) !== kept.bytes.length) return refuse(response, 409, 'offset_wrong', { offset: kept.bytes.length })
      kept.bytes = Buffer.concat([kept.bytes, body])
      return say(response, 200, { offset: kept.bytes.length })
    }
    return kept
  }
  const big = some(11 * 1024 * 1024 + 5)
  const upload = (bytes: Uint8Array<ArrayBuffer>, more: { onProgress?: (progress: UploadProgress) => void; signal?: AbortSignal } = {}) =>
    new FileUpload(at, { path: '/srv/a', file: new Blob([bytes]), mtime: 5, pace: quick, ...more })

  it('goes piece after piece, none above 8 MiB, and says how far it is', async () => {
    const kept = host()
    const told: UploadProgress[] = []
    const done = await upload(big, { onProgress: (progress) => told.push(progress) }).whenDone
    expect(done).toMatchObject({ bytes: big.length, sha256: sha(big) })
    expect(sha(kept.bytes)).toBe(sha(big))
    const pieces = seen.filter(({ method }) => method === 'PUT').map(({ bytes }) => bytes)
    expect(pieces.length).toBeGreaterThan(2)
    expect(Math.max(...pieces)).toBeLessThanOrEqual(8 * 1024 * 1024)
    expect(told.map(({ moved }) => moved)).toEqual(told.map(({ moved }) => moved).toSorted((a, b) => a - b))
    expect(told.at(-1)).toEqual({ phase: 'checking', moved: big.length, bytes: big.length })
  })

  it('of an empty file is begun and ended', async () => {
    host()
    expect(await upload(some(0)).whenDone).toMatchObject({ bytes: 0 })
    expect(seen.map(({ method, url }) => `${method} ${url.split('/').at(-1)}`)).toEqual(['POST uploads', 'POST finish'])
  })

  it('goes on behind what was there already', async () => {
    const kept = host()
    kept.bytes = Buffer.from(big.subarray(0, big.length - 1000))
    await upload(big).whenDone
    expect(seen.filter(({ method }) => method === 'PUT').map(({ bytes }) => bytes)).toEqual([1000])
    expect(sha(kept.bytes)).toBe(sha(big))
  })

  it('outlives a line that is cut behind a piece that arrived, and a gateway that is away', async () => {
    let puts = 0
    const phases: string[] = []
    const kept = host((request, response, body) => {
      if (request.method !== 'PUT') return false
      puts++
      if (puts === 2) {
        // It arrived; its answer did not.
        kept.bytes = Buffer.concat([kept.bytes, body])
        response.destroy()
        return true
      }
      if (puts === 3) {
        refuse(response, 502, 'gateway_unavailable')
        return true
      }
      return false
    })
    await upload(big, { onProgress: ({ phase }) => phases.push(phase) }).whenDone
    expect(sha(kept.bytes)).toBe(sha(big))
    expect(phases).toContain('waiting')
  })

  it('that the gateway has forgotten is begun anew', async () => {
    let hasForgotten = false
    const kept = host((request, response) => {
      if (request.method !== 'PUT' || hasForgotten || kept.bytes.length === 0) return false
      hasForgotten = true
      refuse(response, 404, 'transfer_not_found')
      return true
    })
    await upload(big).whenDone
    expect(kept.started).toBe(2)
    expect(sha(kept.bytes)).toBe(sha(big))
  })

  it('ends with the refusal that it met, and does not ask again', async () => {
    host((request, response) => {
      if (request.method !== 'PUT') return false
      refuse(response, 507, 'host_disk_full')
      return true
    })
    expect((await failureOf(upload(big).whenDone)).code).toBe('host_disk_full')
    expect(seen.filter(({ method }) => method === 'PUT')).toHaveLength(1)
  })

  it('is given up when nothing moves for too long, and when the other side goes in circles', async () => {
    host((request, response) => {
      if (request.method !== 'PUT') return false
      response.destroy()
      return true
    })
    const lost = new FileUpload(at, { path: '/srv/a', file: new Blob([some(10)]), pace: { ...quick, giveUpAfterMs: 60 } })
    expect((await failureOf(lost.whenDone)).code).toBe('gateway_unavailable')
    host((request, response) => {
      if (request.method !== 'PUT') return false
      refuse(response, 409, 'offset_wrong', { offset: Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset')) === 0 ? 5 : 0 })
      return true
    })
    expect((await failureOf(upload(some(10)).whenDone)).code).toBe('offset_wrong')
  })

  it('believes no position beyond the file or behind what was sent', async () => {
    for (const offset of [1e9, 0, -1]) {
      host((request, response) => {
        if (request.method !== 'PUT') return false
        say(response, 200, { offset })
        return true
      })
      expect((await failureOf(upload(some(10)).whenDone)).code).toBe('internal')
    }
  })

  it('is paused in the middle of a piece, and goes on where the host stands', async () => {
    let isHeld = false
    const kept: ReturnType<typeof host> = host((request) => {
      if (request.method !== 'PUT' || isHeld || kept.bytes.length === 0) return false
      isHeld = true
      running.pause()
      return true // never answered
    })
    const phases: string[] = []
    const running = upload(big, {
      onProgress: ({ phase }) => {
        phases.push(phase)
        if (phase === 'paused') setTimeout(() => running.goOn(), 20)
      },
    })
    await running.whenDone
    expect(phases).toContain('paused')
    expect(kept.started).toBe(1)
    expect(sha(kept.bytes)).toBe(sha(big))
  })

  it('that is given up is removed on the host; one that is stopped is left there', async () => {
    const kept = host((request) => {
      if (request.method !== 'PUT') return false
      stop()
      return true
    })
    let running = upload(big)
    let stop = (): void => void running.cancel()
    await expect(running.whenDone).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => kept.removed).toBe(true)
    kept.removed = false
    const leaving = new AbortController()
    stop = () => leaving.abort()
    running = upload(big, { signal: leaving.signal })
    await expect(running.whenDone).rejects.toMatchObject({ name: 'AbortError' })
    expect(kept.removed).toBe(false)
  })

  it('waits as long as a person may be between two networks', () => {
    expect(usualTransferPace.giveUpAfterMs).toBeGreaterThan(10 * 60_000)
    expect(usualTransferPace.requestMs).toBeLessThan(usualTransferPace.giveUpAfterMs)
  })
})

// A real HTTP server in the place of the gateway: what is checked is what it is sent, and when.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Failure } from '#domain/failure.ts'
import type { TransferFile, TransferState } from '#domain/terminal-transfer.ts'
import { RzSender } from './rz-sender.ts'

const id = 'a'.repeat(24)
const got = new Map<number, Buffer>()
const asked: string[] = []
/** Before a piece is taken; answers a code to refuse with. */
let refuse: (index: number) => string | undefined = () => undefined
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://x')
  const index = Number(url.pathname.split('/').at(-1))
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    asked.push(`${request.method} ${url.pathname.split('/').slice(-3).join('/')}${url.search}`)
    const code = refuse(index)
    if (code !== undefined) return void response.writeHead(code === 'transfer_not_found' ? 404 : 409).end(JSON.stringify({ error: { code, message: code } }))
    got.set(index, Buffer.concat([got.get(index) ?? Buffer.alloc(0), ...parts]))
    response.writeHead(200).end(JSON.stringify({ offset: Number(url.searchParams.get('offset')) + Buffer.concat(parts).length }))
  })
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  got.clear()
  asked.length = 0
  refuse = () => undefined
})
afterAll(() => void server.close())

const state = (files: [TransferFile['state'], number?][], is: TransferState['state'] = 'running'): TransferState => ({
  ...{ id, way: 'rz', state: is, count: files.length, moved: 0, bytesPerSecond: 0 },
  files: files.map(([each, from], index) => ({ index, name: `f${index}`, moved: 0, state: each, ...(from === undefined ? {} : { from }) })),
})
function sender(...contents: string[]) {
  const failures: Failure[] = []
  const made = new RzSender({
    ...{ origin, session: 'se_1', id, files: contents.map((content, n) => new File([content], `f${n}`)) },
    waiting: () => undefined,
    failed: (failure) => failures.push(failure),
  })
  return { made, failures }
}

describe('the files that were given to rz', () => {
  it('go when the gateway asks for them, from where the host stands, once each', async () => {
    const { made, failures } = sender('hello', 'world')
    made.heard(state([['waiting'], ['waiting']]))
    made.heard(state([['running', 2], ['waiting']]))
    made.heard(state([['running', 2], ['waiting']]))
    await expect.poll(() => got.get(0)?.toString()).toBe('llo')
    made.heard(state([['done'], ['running', 0]]))
    await expect.poll(() => got.get(1)?.toString()).toBe('world')
    expect(asked).toEqual([`PUT zmodem/${id}/0?offset=2`, `PUT zmodem/${id}/1?offset=0`])
    expect(failures).toEqual([])
  })
  it('wait while the gateway still believes in the line before', async () => {
    let times = 0
    refuse = () => (times++ === 0 ? 'conflict' : undefined)
    const { made, failures } = sender('hello')
    made.heard(state([['running', 0]]))
    await expect.poll(() => got.get(0)?.toString(), { timeout: 5000 }).toBe('hello')
    expect(failures).toEqual([])
  })
  it('that cannot be sent are said once; what ended otherwise is not', async () => {
    refuse = () => 'transfer_not_found'
    const { made, failures } = sender('hello', 'world')
    made.heard(state([['running', 0], ['waiting']]))
    await expect.poll(() => failures.map(({ code }) => code)).toEqual(['transfer_not_found'])
    const other = sender('hello')
    other.made.heard(state([['running', 0]]))
    other.made.heard(state([['failed']], 'cancelled'))
    await expect.poll(() => asked.length).toBeGreaterThan(0)
    expect(other.failures).toEqual([])
  })
  it('of another transfer are left alone', () => {
    const { made } = sender('hello')
    made.heard({ ...state([['running', 0]]), id: 'b'.repeat(24) })
    expect(asked).toEqual([])
  })
})

// Every reason for which a session ends, caused on the real product and read back from three places: what the person is told, the row, the last line of the recording.
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EndReason, endReasons } from '#domain/end-reason.ts'
import type { Ended } from '#wire/terminal.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
import { download, findSession, listSessions, openTerminal, type SavedHost, saveHost, type SessionRow } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { TerminalClient } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'

/** They come with grants, with gateways on other machines and with agents; `gateway_lost` is held by `gateway-killed.test.ts`. */
const elsewhere = ['grant_expired', 'gateway_lost', 'agent_lost'] as const satisfies EndReason[]
type Caused = Exclude<EndReason, (typeof elsewhere)[number]>

type Told = { session: string; ended: Ended }
type Case = {
  /** Makes a session end for the reason. */
  cause: () => Promise<Told>
  /** What the person is told, and the row says, besides the reason. */
  message: RegExp
  more?: Partial<Ended>
  /** Code and text of the recording's last line; a session that never opened has none. */
  lastLine?: [code: 'x' | 'm', text: RegExp]
}

let sshd: TestSshd
let changing: TestSshd
let product: Product
let strict: Product
let api: ApiClient
let strictApi: ApiClient
let data: { path: string; remove: () => Promise<void> }
const hosts: Record<'web' | 'stranger' | 'gone' | 'changing' | 'strict', SavedHost | undefined> = {
  web: undefined,
  stranger: undefined,
  gone: undefined,
  changing: undefined,
  strict: undefined,
}

beforeAll(async () => {
  data = await makeTempFolder('ends')
  ;[sshd, changing, product, strict] = await Promise.all([
    startSshd(),
    startSshd(),
    startProduct({ data: path.join(data.path), flags: ['--spool-bytes', '16777216', '--grace-seconds', '2'] }),
    startProduct({ flags: ['--idle-seconds', '10', '--idle-on', 'input', '--max-seconds', '16'] }),
  ])
  ;[api, strictApi] = await Promise.all([product.claim(), strict.claim()])
  const key = { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey } as const
  hosts.web = await saveHost(api, sshd, key, { name: 'web' })
  hosts.strict = await saveHost(strictApi, sshd, key, { name: 'strict' })
  hosts.stranger = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.strangerKey.privateKey }, { name: 'stranger' })
  hosts.changing = await saveHost(api, changing, { kind: 'key', privateKey: changing.userKeys.ed25519.privateKey }, { name: 'changing' })
  const gone = await startSshd()
  hosts.gone = await saveHost(api, gone, key, { name: 'gone' })
  await gone.stop()
  await changing.replaceHostKeys()
})
afterAll(async () => {
  await Promise.all([product?.stop(), strict?.stop()])
  await Promise.all([sshd?.stop(), changing?.stop(), data?.remove()])
})

const hostOf = (name: keyof typeof hosts): SavedHost => {
  const host = hosts[name]
  if (!host) throw new Error(`${name} was not saved`)
  return host
}

async function open(from: { product: Product; api: ApiClient; host: 'web' | 'strict' } = { product, api, host: 'web' }) {
  const terminal = await openTerminal(from.product, from.api, hostOf(from.host))
  const { session, key } = await terminal.waitForWelcome()
  await waitUntil('the prompt', () => terminal.received > 0)
  return { terminal, session, key }
}
/** Opens, does something to the session, and waits for what the person is told. */
async function after(act: (terminal: TerminalClient, session: string) => unknown, from?: Parameters<typeof open>[0]): Promise<Told> {
  const { terminal, session } = await open(from)
  await act(terminal, session)
  return { session, ended: await terminal.waitForEnded(30_000) }
}
/** A session that never opened: its id stands in the list alone. */
async function failed(name: 'stranger' | 'gone' | 'changing'): Promise<Told> {
  const ended = await (await openTerminal(product, api, hostOf(name))).waitForEnded(30_000)
  const row = await waitUntil('the row', async () => (await listSessions(api, `?q=${name}`)).items.find(({ state }) => state === 'ended'))
  return { session: row.id, ended }
}
const signedOut = async (): Promise<Told> => {
  const other = await product.signIn()
  const { terminal, session } = await open({ product, api: other, host: 'web' })
  await other.signOut()
  return { session, ended: await terminal.waitForEnded() }
}
/** Whoever comes back when it is too late is told how it ended. */
const left = async (): Promise<Told> => {
  const { terminal, session, key } = await open()
  terminal.cut()
  await waitUntil('the grace to be over', async () => (await findSession(api, session)).state === 'ended', { withinMs: 20_000 })
  const back = await TerminalClient.connect({ url: product.url, resume: { session, key, outputOffset: terminal.received } })
  return { session, ended: await back.waitForEnded() }
}
/** Control takes no recording any more, so the gateway's own space for them fills up. */
const unrecorded = async (): Promise<Told> => {
  const { terminal, session } = await open()
  for (const pid of product.controlPids()) process.kill(pid, 'SIGSTOP')
  try {
    terminal.send('yes "$(seq 1000)"\n')
    return { session, ended: await terminal.waitForEnded(60_000) }
  } finally {
    for (const pid of product.controlPids()) process.kill(pid, 'SIGCONT')
  }
}
const drained = async (): Promise<Told> => {
  const { terminal, session } = await open()
  await product.stop()
  const ended = await terminal.waitForEnded()
  product = await startProduct({ data: data.path })
  api = await product.signIn()
  return { session, ended }
}
const strictly = () => ({ product: strict, api: strictApi, host: 'strict' as const })
const typesOn = async (terminal: TerminalClient) => {
  while (!terminal.ended && !terminal.closed) {
    terminal.send('true\n')
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

const cases: Record<Caused, Case> = {
  exited: { cause: () => after((terminal) => terminal.send('exit 7\n')), message: /ended with status 7/, more: { exitStatus: 7 }, lastLine: ['x', /^7$/] },
  signaled: {
    cause: () => after((terminal) => terminal.send('kill -KILL $$\n')),
    message: /signal KILL/,
    more: { signal: 'KILL' },
    lastLine: ['m', /signal KILL/],
  },
  terminated: {
    cause: () => after((_terminal, session) => api.call('POST', `/sessions/${session}/terminate`, { reason: 'maintenance' })),
    message: /^Terminated by ada: maintenance$/,
    lastLine: ['m', /Terminated by ada: maintenance/],
  },
  revoked: { cause: signedOut, message: /signed out/i, lastLine: ['m', /signed out/i] },
  host_unreachable: { cause: () => failed('gone'), message: /./, more: { failure: 'host_refused' } },
  host_key_changed: { cause: () => failed('changing'), message: /SHA256:/, more: { failure: 'host_key_changed' } },
  auth_failed: { cause: () => failed('stranger'), message: /./, more: { failure: 'auth_failed' } },
  host_lost: { cause: () => after(() => sshd.cutSessions()), message: /connection to the host was lost/, lastLine: ['m', /connection to the host was lost/] },
  owner_gone: { cause: left, message: /./, lastLine: ['m', /./] },
  // Output counts for nothing here: a session that only prints is idle.
  idle: { cause: () => after((terminal) => terminal.send('while sleep 1; do date; done\n'), strictly()), message: /10 seconds/, lastLine: ['m', /10 seconds/] },
  max_duration: { cause: () => after((terminal) => typesOn(terminal), strictly()), message: /as long as it may/, lastLine: ['m', /as long as it may/] },
  recording_failed: {
    cause: unrecorded,
    message: /recording cannot be written/,
    more: { failure: 'disk_full' },
    lastLine: ['m', /recording cannot be written/],
  },
  drained: { cause: drained, message: /restarting/, lastLine: ['m', /restarting/] },
}

describe('a session ends', () => {
  it('for reasons that are all caused here', () => {
    expect([...Object.keys(cases), ...elsewhere].sort()).toEqual([...endReasons].sort())
  })

  it.each(Object.entries(cases))('as %s, and person, row and recording agree', async (reason, { cause, message, more = {}, lastLine }) => {
    const { session, ended } = await cause()
    expect(ended).toMatchObject({ reason, ...more })
    expect(ended.message).toMatch(message)
    const asked = reason === 'idle' || reason === 'max_duration' ? strictApi : api
    const row = await waitUntil(
      'the row to be ended and the recording sealed',
      async () => {
        const now: SessionRow = await findSession(asked, session)
        return now.state === 'ended' && now.recording?.state !== 'writing' ? now : undefined
      },
      { withinMs: 60_000 },
    )
    expect(row.endReason).toBe(reason)
    expect(row.endMessage ?? ended.message).toBe(ended.message)
    if (more.failure !== undefined) expect(row.failure).toBe(more.failure)
    if (!lastLine) return expect(row.recording).toBeUndefined()
    const lines = (await download(asked, session, 'v3')).trimEnd().split('\n')
    const [, code, text] = JSON.parse(lines.at(-1) ?? '[]') as [number, string, string]
    expect(code).toBe(lastLine[0])
    expect(text).toMatch(lastLine[1])
  })

  it('only for the one operator who has as many open as are allowed', async () => {
    const few = await startProduct({ flags: ['--sessions-per-operator', '1'] })
    try {
      const asks = await few.claim(testOperator.username)
      const host = await saveHost(asks, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
      const one = await openTerminal(few, asks, host)
      await one.waitForWelcome()
      const two = await openTerminal(few, asks, host)
      expect(await two.waitForEnded()).toMatchObject({ failure: 'too_many_sessions', message: expect.stringMatching(/1 session open/) as string })
      expect(one.closed).toBeUndefined()
    } finally {
      await few.stop()
    }
  })
})

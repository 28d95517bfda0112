import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Admission } from '#domain/admission.ts'
import { gatewayHeaders, Redeemed } from '#wire/link.ts'
import { TestGateway } from './link/test-gateway.ts'
import { localSecret, redeem } from './link/test-links.ts'
import { usualValues } from './settings/test-values.ts'
import { blocksOf } from './recordings/test-blocks.ts'
import { useEngine } from './store/test-engines.ts'
import type { ControlSettings } from './control.ts'

const administrator = { username: 'ann', password: 'correct horse battery' }

describe('the control process', () => {
  const engine = useEngine('sqlite')
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  const settingsIn = (folder: string, change: Partial<ControlSettings> = {}): ControlSettings => ({
    dataFolder: join(folder, 'control'),
    socketPath: join(folder, 'control.sock'),
    localSecret,
    listeners: [{ host: '127.0.0.1', port: 8022 }],
    listensOnLoopbackOnly: true,
    start: { ...usualValues, idleSeconds: 900 },
    givenBy: {},
    diskWarnAt: 0.999,
    diskRefuseAt: 0.9999,
    ledgerOutside: {},
    firstAdministrator: administrator,
    logLevel: 'info',
    ...change,
  })

  async function start(settings: ControlSettings) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'test-control.ts'), JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
    const said = await Promise.race([once(child.stdout, 'data').then(([text]) => String(text)), once(child, 'exit').then(() => '')])
    if (!said.startsWith('ready')) throw new Error(`control did not start: ${log}`)
    return { child, log: () => log, fingerprint: said.slice(6).trim() }
  }

  type Answer = { status: number; json: Record<string, unknown>; cookie: string }
  function api(socketPath: string, token: string, method: string, path: string, body?: unknown, cookie = ''): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = {
        [gatewayHeaders.token]: token,
        [gatewayHeaders.source]: '192.0.2.1',
        'x-sallyport': '1',
        cookie,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      }
      const asked = request({ socketPath, method, path: `/api/v1${path}`, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          const set = String(response.headers['set-cookie']?.[0] ?? '')
          resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as Record<string, unknown>, cookie: set.split(';', 1)[0] ?? '' })
        })
      })
      asked.on('error', reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  /** A session that is opening on the gateway, asked for as a person would. */
  async function openSession(socketPath: string, gateway: TestGateway, token: string): Promise<Admission> {
    const { cookie } = await api(socketPath, token, 'POST', '/sign-in', administrator)
    const ticket = await api(socketPath, token, 'POST', '/tickets', { kind: 'shell', address: 'root@192.0.2.44' }, cookie)
    expect(ticket.status).toBe(201)
    const { body } = await gateway.ask(redeem(String(ticket.json.ticket)))
    const redeemed = Redeemed.parse(body)
    if (redeemed.kind !== 'shell') throw new Error(`the ticket was for ${redeemed.kind}`)
    return redeemed.admission
  }

  it('serves gateways on a socket that is its own, and no one without the token of a link', async () => {
    const folder = engine.makeFolder()
    const settings = settingsIn(folder)
    const { log, child, fingerprint } = await start(settings)
    expect((statSync(settings.socketPath).mode & 0o777).toString(8)).toBe('600')
    expect(fingerprint).toMatch(/^SHA256:/)
    const ready = log()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(ready.filter((line) => line.event === 'control.ready')).toMatchObject([{ engine: 'sqlite', ledgerKey: fingerprint, claimed: true }])
    const gateway = new TestGateway(settings.socketPath)
    const { apiToken } = await gateway.join(localSecret)
    expect(await api(settings.socketPath, 'none', 'GET', '/claim')).toMatchObject({ status: 401 })
    expect(await api(settings.socketPath, apiToken, 'GET', '/claim')).toMatchObject({ status: 200, json: { claimed: true } })
    const { cookie } = await api(settings.socketPath, apiToken, 'POST', '/sign-in', administrator)
    expect((await api(settings.socketPath, apiToken, 'GET', '/gateways', undefined, cookie)).json).toMatchObject({ items: [{ name: 'g1', state: 'live' }] })
    expect((await api(settings.socketPath, apiToken, 'GET', '/disk', undefined, cookie)).json).toMatchObject({ recordingsBytes: 0, state: 'ok' })
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect((await gateway.closed).code).toBe(1001)
    expect(log()).not.toContain(administrator.password)
    expect(log()).not.toContain(apiToken)
  })

  it('opens its socket to the group of the gateways when they have one', async () => {
    const settings = settingsIn(engine.makeFolder(), { gatewayGid: process.getgid?.() ?? 0 })
    await start(settings)
    expect((statSync(settings.socketPath).mode & 0o777).toString(8)).toBe('660')
  })

  it('removes no file that stands where its socket should', async () => {
    const settings = settingsIn(engine.makeFolder())
    writeFileSync(settings.socketPath, 'mine')
    await expect(start(settings)).rejects.toThrow('is in the way')
    expect(readFileSync(settings.socketPath, 'utf8')).toBe('mine')
  })

  it('keeps every block and session that it acknowledged through five kills with -9', async () => {
    const settings = settingsIn(engine.makeFolder())
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    let control = await start(settings)
    let gateway = new TestGateway(settings.socketPath, { privateKey, publicKey })
    const { apiToken, gateway: id } = await gateway.join(localSecret)
    const { session } = await openSession(settings.socketPath, gateway, apiToken)
    expect(await gateway.report({ report: 'began', session, at: Date.now() })).toBeUndefined()
    const header = '{"version":3,"term":{"cols":80,"rows":24}}\n'
    const blocks = blocksOf(
      session,
      Array.from({ length: 2000 }, (_, index) => `${index === 0 ? header : ''}[0.1,"o","line ${index}\\r\\n"]\n`),
    )
    let next = 0
    for (let round = 0; round < 5; round += 1) {
      const { child } = control
      let killed: Promise<unknown> = Promise.resolve()
      const before = next
      try {
        for (; next < blocks.length; next += 1) {
          const block = blocks[next]
          if (block) expect(await gateway.block(block.header, block.frame)).toBeUndefined()
          if (next === before) killed = new Promise((resolve) => setTimeout(() => resolve(child.kill('SIGKILL')), randomInt(0, 150)))
        }
      } catch (error) {
        expect(String(error)).toContain('the link was closed')
      }
      await killed
      expect(next).toBeGreaterThan(before)
      control = await start(settings)
      gateway = new TestGateway(settings.socketPath, { privateKey, publicKey })
      expect((await gateway.join(localSecret, { sessions: [session] })).gateway).toBe(id)
      const { body } = await gateway.ask({ ask: 'shelf-state', session })
      const state = body as { nextIndex: number; head: string }
      // The one under way when it died may be there too.
      expect([next, next + 1]).toContain(state.nextIndex)
      expect(state.head).toBe(blocks[state.nextIndex - 1]?.header.sha256)
      next = state.nextIndex
    }
    const end = { reason: 'exited', message: 'bye', exitStatus: 0, at: Date.now() } as const
    expect(await gateway.report({ report: 'ended', session, end, bytesIn: 0, bytesOut: 0 })).toBeUndefined()
    const sealed = {
      report: 'sealed',
      session,
      blocks: next,
      head: blocks[next - 1]?.header.sha256 ?? '',
      seconds: 1,
      castBytes: blocks.slice(0, next).reduce((sum, { header }) => sum + header.castBytes, 0),
      incomplete: false,
    } as const
    expect(await gateway.report(sealed)).toBeUndefined()
    control.child.kill('SIGKILL')
    await once(control.child, 'exit')
    expect(readdirSync(settings.dataFolder).toSorted()).toContain('recordings')
    await start(settings)
    const last = new TestGateway(settings.socketPath, { privateKey, publicKey })
    const welcome = await last.join(localSecret)
    const { cookie } = await api(settings.socketPath, welcome.apiToken, 'POST', '/sign-in', administrator)
    expect((await api(settings.socketPath, welcome.apiToken, 'GET', `/sessions/${session}`, undefined, cookie)).json).toMatchObject({
      state: 'ended',
      endReason: 'exited',
      recording: { state: 'intact' },
    })
    expect((await api(settings.socketPath, welcome.apiToken, 'GET', `/sessions/${session}/recording/verify`, undefined, cookie)).json).toMatchObject({
      state: 'verified',
      blocks: next,
    })
  }, 60_000)
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WrongUsage } from './say.ts'
import { type Given, readSettings, readWithSources, Settings, variableOf } from './settings.ts'
import { startValues, valuesGivenBy } from './start-values.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (text: string) => {
  const path = join(folder, 'sallyport.yaml')
  writeFileSync(path, text)
  return path
}
const read = (given: Partial<Given> = {}) => readSettings({ flags: {}, environment: {}, ...given })
const wrong = (given: Partial<Given>) => {
  try {
    read(given)
  } catch (error) {
    if (error instanceof WrongUsage) return error.message
    throw error
  }
  throw new Error('it was taken')
}

test('flags win over the environment, the environment over the file', () => {
  const config = file('http: 127.0.0.1:1\ngateways: 3\nidleSeconds: 99\n')
  const environment = { SALLYPORT_HTTP: '127.0.0.1:2', SALLYPORT_GATEWAYS: '4' }
  const settings = read({ config, environment, flags: { http: '[::1]:3' } })
  expect(settings.http).toEqual({ host: '::1', port: 3 })
  expect(settings.gateways).toBe(4)
  expect(settings.idleSeconds).toBe(99)
})

test('without anything it listens on loopback and keeps its data in ./data', () => {
  const settings = read()
  expect(settings).toMatchObject({
    data: './data',
    http: { host: '127.0.0.1', port: 8022 },
    ssh: { host: '127.0.0.1', port: 2222 },
    publicUrl: [],
    behindProxy: [],
    diskWarnAt: 0.85,
    diskRefuseAt: 0.95,
    idleSeconds: 1800,
    idleOn: 'both',
    maxSeconds: 0,
    graceSeconds: 900,
    sessionsPerOperator: 200,
    reachEverySeconds: 300,
  })
  expect(settings.gateways).toBeGreaterThanOrEqual(1)
})

test('the SSH door listens where it is told, from all machines too, or nowhere', () => {
  expect(read({ flags: { ssh: '0.0.0.0:22' } }).ssh).toEqual({ host: '0.0.0.0', port: 22 })
  expect(read({ flags: { ssh: 'off' } }).ssh).toBeUndefined()
  expect(read({ config: file('ssh: off\n') }).ssh).toBeUndefined()
  expect(wrong({ environment: { SALLYPORT_SSH: '2222' } })).toContain('SALLYPORT_SSH: "2222" is not HOST:PORT')
})

test('lists come by repeated flags, by blanks or commas in the environment, by lists in the file', () => {
  const wanted = ['https://a.example', 'https://b.example:8443']
  expect(read({ flags: { publicUrl: wanted } }).publicUrl).toEqual(wanted)
  expect(read({ environment: { SALLYPORT_PUBLIC_URL: 'https://a.example/, https://b.example:8443' } }).publicUrl).toEqual(wanted)
  expect(read({ config: file('publicUrl: [https://a.example, "https://b.example:8443/x"]') }).publicUrl).toEqual(wanted)
})

test.each<[string, Partial<Given>, string]>([
  ['an unknown variable', { environment: { SALLYPORT_HTPP: '1' } }, 'the environment has the unknown setting SALLYPORT_HTPP'],
  ['a flag out of range', { flags: { gateways: '0' } }, '--gateways: '],
  ['a variable that is no address', { environment: { SALLYPORT_HTTP: '8022' } }, 'SALLYPORT_HTTP: "8022" is not HOST:PORT'],
  ['a port too large', { flags: { http: '127.0.0.1:65536' } }, '--http: '],
  ['a URL of another kind', { flags: { publicUrl: ['ftp://x'] } }, '--public-url: is not an http:// or https:// address'],
  ['a CIDR block that is none', { flags: { behindProxy: ['10.0.0.0/33'] } }, '--behind-proxy: "10.0.0.0/33" is not an address or a CIDR block'],
  ['a limit that would end every session at once', { flags: { maxSeconds: '5' } }, '--max-seconds: is 0 for no limit, or from 10 to 31536000'],
  ['bytes that are of neither side', { environment: { SALLYPORT_IDLE_ON: 'output' } }, 'SALLYPORT_IDLE_ON: '],
  ['looking at hosts without a pause', { flags: { reachEverySeconds: '5' } }, '--reach-every-seconds: is 0 for never, or from 30 to 86400'],
  ['no session at all', { flags: { sessionsPerOperator: '0' } }, '--sessions-per-operator: '],
  ['a log level that is none', { environment: { SALLYPORT_LOG_LEVEL: 'loud' } }, 'SALLYPORT_LOG_LEVEL: '],
])('refuses %s and names it', (_name, given, message) => {
  expect(wrong(given)).toContain(message)
})

test('refuses an unknown key of the file by name, a password in it, and a file that is not settings', () => {
  expect(wrong({ config: file('htpp: 1') })).toContain('has the unknown setting "htpp"')
  expect(wrong({ config: file('adminPassword: hunter2hunter2') })).toContain('has the unknown setting "adminPassword"')
  expect(wrong({ config: file('- 1') })).toContain('must hold settings')
  expect(wrong({ config: file('a: [') })).toContain('cannot be read')
  expect(wrong({ config: join(folder, 'nowhere.yaml') })).toContain('cannot be read')
})

test('every setting has a variable of its own', () => {
  const variables = Object.keys(Settings.shape).map(variableOf)
  expect(new Set(variables).size).toBe(variables.length)
  expect(variables).toContain('SALLYPORT_ADMIN_PASSWORD')
})

test('what the page may set keeps the name of what gave it; the rest stays here', () => {
  const environment = { SALLYPORT_PUBLIC_URL: 'https://a.example', SALLYPORT_ADMIN_USER: 'ann', SALLYPORT_ADMIN_PASSWORD: 'hunter2hunter2' }
  const { settings, givenBy } = readWithSources({ flags: { idleSeconds: '60' }, environment, config: file('retentionDays: 30\n') })
  expect(startValues(settings)).toMatchObject({ idleSeconds: 60, maxSeconds: 0, retentionDays: 30, publicUrls: ['https://a.example'], signInNotice: '' })
  expect(valuesGivenBy(givenBy)).toEqual({
    idleSeconds: '--idle-seconds',
    retentionDays: expect.stringContaining('retentionDays in ') as string,
    publicUrls: 'SALLYPORT_PUBLIC_URL',
  })
})

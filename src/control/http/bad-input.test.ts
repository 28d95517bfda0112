// What nobody honest sends, to every field and every parameter that the API describes: refused by name, or stored and told harmlessly; never a fault, never slow.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AccountName, AssetName, HostAddress, parseTarget } from '#domain/asset.ts'
import { CommandRuleInput, matchesRule } from '#domain/command-rule.ts'
import { HostKey } from '#domain/host-key.ts'
import { Network } from '#domain/network.ts'
import { OperatorName } from '#domain/operator.ts'
import { Secret } from '#domain/secret.ts'
import { WeeklyHours } from '#domain/weekly-hours.ts'
import { PersonName } from '#wire/api/people.ts'
import { searchWords } from '../sessions/search-text.ts'
import { engines } from '../store/test-engines.ts'
import { password } from './test-api.ts'
import type { Field, Nest } from './test-fields.ts'
import { besideOf, bodyOf, type HostileApi, refusedAnyway, type Route, startHostileApi } from './test-hostile-api.ts'

const slowestMs = 200
const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`
const deepArray = `${'['.repeat(10_000)}1${']'.repeat(10_000)}`
/** Told as themselves, these do something in a terminal, in a log or to the order of letters. */
const acting = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/ // oxlint-disable-line no-control-regex -- they are what is looked for
/** Fields that have lines. */
const mayHaveLines = new Set(['note', 'pattern', 'signInNotice', 'recordingNotice', 'text', 'knownHosts'])

/** JSON for one field. `type`: what it is for JSON; `text` may be right there. */
const values: readonly { what: string; json: string; type: string }[] = [
  { what: 'a number', json: '12345678901', type: 'number' },
  { what: 'a number below zero', json: '-1', type: 'number' },
  { what: 'a number beyond all', json: '1e999', type: 'number' },
  { what: 'an array', json: '["x",["y"]]', type: 'array' },
  { what: 'an object', json: '{"toString":1}', type: 'object' },
  { what: 'null', json: 'null', type: 'null' },
  { what: '__proto__ inside', json: '{"__proto__":{"isAdmin":true}}', type: 'never' },
  { what: '__proto__ in an array', json: '[{"__proto__":{"isAdmin":true}}]', type: 'never' },
  { what: 'constructor inside', json: '{"constructor":{"prototype":{"isAdmin":true}}}', type: 'never' },
  { what: 'objects 10,000 deep', json: deep, type: 'never' },
  { what: 'arrays 10,000 deep', json: deepArray, type: 'never' },
  { what: 'CRLF', json: JSON.stringify('long enough\r\nX-Injected: 1\r\n\r\n<script>'), type: 'string' },
  { what: 'ANSI', json: JSON.stringify('long enough\u001b[2J\u001b]0;x\u0007\u009b31m'), type: 'string' },
  { what: 'NUL', json: JSON.stringify('long enough\u0000x'), type: 'never' },
  { what: 'half a surrogate pair', json: '"long enough\\ud83d"', type: 'never' },
  { what: 'the other half', json: '"long enough\\ude00x"', type: 'never' },
  { what: 'right to left', json: JSON.stringify('long enough \u202egpj.exe\u2066'), type: 'string' },
  { what: 'SQL', json: JSON.stringify(`long enough'; drop table operators; --%_\\"`), type: 'string' },
  { what: '100,000 characters', json: JSON.stringify('a'.repeat(100_000)), type: 'never' },
]
const queryTexts = [
  "'",
  `' or '1'='1`,
  `"; drop table operators; --`,
  '%',
  '_',
  '\\',
  '$1',
  '?',
  ':x',
  "x') union select * from operators--",
  '\r\nX-Injected: 1',
  '\u001b[2J',
  '\u202e',
  '🙂',
  'nonsense',
]
const tenMegabytes = Buffer.from(`"${'a'.repeat(10_000_000)}"`)
const place = '"<<here>>"'

/** `field` names the one that was meant: itself, the choice that it belongs to, or what stood in it. */
const names = (field: string | undefined, path: string) =>
  field !== undefined && (field === path.slice(0, 100) || path.startsWith(`${field}.`) || field.startsWith(path === '' ? '' : `${path}.`.slice(0, 100)))

/** Text in an answer that does more than be read, by the field that holds it. */
function actingIn(value: unknown, field = ''): string[] {
  if (typeof value === 'string')
    return acting.test(mayHaveLines.has(field) ? value.replace(/[\n\t]/g, '') : value) ? [`${field}: ${JSON.stringify(value)}`] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [...actingIn(key, 'a key'), ...actingIn(each, Array.isArray(value) ? field : key)])
}

describe.each(engines)('bad input, on %s', (engine) => {
  let hostile: HostileApi
  let hashingMs = 0
  beforeAll(async () => {
    hostile = await startHostileApi(engine)
    const { passwords } = hostile.api.parts
    const from = performance.now()
    await passwords.hash(new Secret('long enough for all'), 'x')
    hashingMs = performance.now() - from
  })
  afterAll(() => hostile.api.stop())

  /** What is wrong with the answer; undefined when nothing is. */
  async function judged(route: Route, what: string, asked: Parameters<HostileApi['send']>[1], isRight: (status: number, field: string | undefined) => boolean) {
    const { answer, ms } = await hostile.send(route, asked)
    const said = { route: `${route.method} ${route.path}`, what, status: answer.status, error: answer.json.error }
    if (answer.status >= 500 || !isRight(answer.status, answer.json.error?.field)) return said
    const told = actingIn(answer.json)
    if (told.length > 0) return { ...said, told }
    // What passed may have hashed a password, twice for a new one.
    const most = answer.status === 400 || answer.status === 413 ? slowestMs : slowestMs + 3 * hashingMs
    let best = ms
    for (let again = 0; again < 5 && best > most; again += 1) best = Math.min(best, (await hostile.send(route, asked)).ms)
    return best > most ? { ...said, best } : undefined
  }

  it('in each field of each body is refused by the name of the field, or told harmlessly (WEB-12)', { timeout: 300_000 }, async () => {
    const wrong: unknown[] = []
    const covered: Record<string, number> = {}
    let passed = 0
    const put = (field: Field | Nest, value: unknown) => JSON.stringify(field.put(value))
    for (const route of hostile.routes) {
      if (!route.body) continue
      const { fields, nests } = bodyOf(route)
      for (const nest of nests) {
        const found = await judged(
          route,
          `honest ${nest.path}`,
          { text: put(nest, nest.whole) },
          (status) => status === refusedAnyway[route.id] || status < 300,
        )
        if (found) wrong.push(found)
      }
      for (const field of fields) {
        const text = put(field, JSON.parse(place))
        for (const { what, json, type } of values) {
          const isFit = field.types.has(type)
          const found = await judged(route, `${field.path}: ${what}`, { text: text.replace(place, () => json) }, (status, named) => {
            if (status < 400) passed += 1
            return status === 400 ? names(named, field.path) : isFit
          })
          if (found) wrong.push(found)
        }
        // The size of a body is judged before anything in it: once for each route will do.
        if (field !== fields[0]) continue
        const [before = '', after = ''] = text.split(place)
        const big = Buffer.concat([Buffer.from(before), tenMegabytes, Buffer.from(after)])
        const found = await judged(route, `${field.path}: 10 MB`, { text: big }, (status) => status === 413)
        if (found) wrong.push(found)
      }
      for (const nest of nests) {
        for (const [key, shown] of [['__proto__'], ['constructor'], ['nonsense'], ['isAdmin'], ['owner'], ['x\r\n\u001b[2J\u202e', 'x???[2J?']] as const) {
          const text = put(nest, { ...nest.whole, '<<key>>': { isAdmin: true } }).replace('"<<key>>"', () => JSON.stringify(key))
          const path = [nest.path, shown ?? key].filter(Boolean).join('.')
          const found = await judged(route, `beside ${nest.path}: ${key}`, { text }, (status, named) => status === 400 && named === path)
          if (found) wrong.push(found)
        }
      }
      covered[route.id] = fields.length
    }
    expect(wrong).toEqual([])
    const described = hostile.routes.filter(({ body }) => body !== undefined)
    expect(Object.keys(covered).toSorted()).toEqual(described.map(({ id }) => id).toSorted())
    process.stdout.write(
      `bad input: ${described.length} routes with bodies, ${Object.values(covered).reduce((sum, each) => sum + each)} fields, ${passed} passed\n`,
    )
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
  })

  it('in each parameter of each query is refused by its name, or finds nothing (WEB-12, WEB-16)', { timeout: 300_000 }, async () => {
    const wrong: unknown[] = []
    const covered: string[] = []
    for (const route of hostile.routes) {
      if (route.method !== 'GET') continue
      const ask = async (what: string, search: string, isRight: (status: number, field: string | undefined) => boolean) => {
        const found = await judged(route, what, { search }, isRight)
        if (found) wrong.push(found)
      }
      for (const name of ['nonsense', '__proto__', 'constructor', 'q[]', 'page[size]', 'id', "q'--"])
        await ask(`unknown ${name}`, `?${encodeURIComponent(name)}=1`, (status, field) => status === 400 && field === name)
      for (const { name, schema = {} } of route.query) {
        covered.push(`${route.id} ${name}`)
        const isRefused = (status: number, field: string | undefined) => status === 400 && field === name
        const isText = schema.type === 'string' && !schema.enum && schema.format === undefined
        await ask(`${name} twice`, `?${name}=1&${name}=2`, isRefused)
        for (const text of ['\u0000', 'x'.repeat(15_000)])
          await ask(`${name}: ${text.slice(0, 9)}`, `?${name}=${encodeURIComponent(text)}${besideOf(route, name)}`, isRefused)
        for (const text of queryTexts)
          await ask(
            `${name}: ${text.slice(0, 30)}`,
            `?${name}=${encodeURIComponent(text)}${besideOf(route, name)}`,
            (status, field) => isRefused(status, field) || (isText && status < 500 && status !== 400),
          )
        if (schema.type === 'integer') {
          for (const number of ['1000000000', '-1', '1.5', '1e9', 'NaN', '0x10', '99999999999999999999', ''])
            await ask(`${name}: ${number}`, `?${name}=${number}`, (status, field) => isRefused(status, field) || (number === '0x10' && status === 200))
          await ask(`${name}, the most`, `?${name}=${(schema as { maximum?: number }).maximum ?? 0}${besideOf(route, name)}`, (status) => status === 200)
        }
      }
      if (!route.query.some(({ name }) => name === 'q')) continue
      for (const text of ['%%%', '_%_', '%_%_'.repeat(50), '*a*a*a'.repeat(33), '(a+)+$', "' or '1'='1"]) {
        const { answer } = await hostile.send(route, { search: `?q=${encodeURIComponent(text)}` })
        // The ledger tells of the searches themselves.
        if (answer.json['total'] !== undefined && answer.json['total'] !== 0 && route.id !== 'audit.list')
          wrong.push({ route: route.path, text, total: answer.json['total'] })
      }
    }
    expect(wrong).toEqual([])
    const described = hostile.routes.filter(({ query }) => query.length > 0)
    expect(new Set(covered.map((each) => each.split(' ', 1)[0]))).toEqual(new Set(described.map(({ id }) => id)))
    process.stdout.write(`bad input: ${described.length} routes with queries, ${covered.length} parameters\n`)
  })

  it('is no fault to the log, and one line each to the ledger (AUD-09)', async () => {
    expect(hostile.api.logged.filter(({ event }) => event === 'api.failed')).toEqual([])
    const rows = await hostile.api.store.db.selectFrom('audit').selectAll().execute()
    expect(rows.length).toBeGreaterThan(100)
    expect(rows.filter((row) => Object.values(row).some((value) => typeof value === 'string' && acting.test(value)))).toEqual([])
  })

  it('has left nothing that does more than be read in any list', async () => {
    const signedIn = { headers: { 'user-agent': 'Mine\u009b31m' }, body: { username: 'alice', password } }
    expect((await hostile.api.ask('POST', '/api/v1/sign-in', signedIn)).status).toBe(200)
    const told: unknown[] = []
    let lists = 0
    for (const route of hostile.routes.filter(
      ({ method, path }) => method === 'GET' && !path.includes('{') && path !== '/search' && path !== '/access/explain',
    )) {
      const { answer } = await hostile.send(route, {})
      lists += 1
      if (answer.status !== 200) told.push([route.path, answer.status])
      const inFile = route.path.startsWith('/csv/') ? answer.text.replace(/[\r\n\ufeff]/g, '') : ''
      told.push(...actingIn(answer.json).map((each) => [route.path, each]), ...(acting.test(inFile) ? [route.path] : []))
    }
    expect(told).toEqual([])
    expect(lists).toBeGreaterThan(15)
  })

  it('as large as a grant may be is judged at once: 28 spans, 50 networks, 1,000 hosts (WEB-16)', async () => {
    const { api, ask } = hostile
    const rows = Array.from({ length: 1000 }, (_each, at) => ({
      name: `many-${at}`,
      address: '10.1.0.1',
      accounts: [{ username: 'root', auth: { kind: 'ask' } }],
    }))
    expect((await ask('POST', '/assets/import', { rows })).status).toBe(200)
    const assets = (await api.store.db.selectFrom('assets').select('id').where('name', 'like', 'many-%').execute()).map(({ id }) => id)
    const spans = Array.from({ length: 28 }, (_each, at) => ({ days: [1, 2, 3, 4, 5, 6, 7], from: `0${at % 10}:00`, until: `0${at % 10}:30` }))
    const sources = Array.from({ length: 50 }, (_each, at) => `2001:db8:${at}::/48`)
    const grant = {
      actions: ['shell'],
      accounts: Array.from({ length: 200 }, (_each, at) => `a${at}`),
      assets,
      sources,
      hours: { timeZone: 'Europe/Berlin', spans },
    }
    let made = 0
    const slow: unknown[] = []
    for (const [method, path, body] of [
      ['POST', '/grants', () => ({ ...grant, name: `large ${(made += 1)}` })],
      ['GET', '/grants?size=200', undefined],
      ['GET', '/access/explain?operator=alice&asset=many-7&source=2001:db8:7::1', undefined],
    ] as const) {
      let best = Infinity
      for (let again = 0; again < 6 && best > slowestMs; again += 1) {
        const from = performance.now()
        const { status } = await ask(method, path, body?.())
        best = Math.min(best, performance.now() - from)
        expect([path, status < 300]).toEqual([path, true])
      }
      if (best > slowestMs) slow.push([path, best])
    }
    expect(slow).toEqual([])
  })
})

describe('patterns that would backtrack (WEB-16)', () => {
  const long = 'a'.repeat(100_000)
  const best = (work: () => unknown) =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const from = performance.now()
        work()
        return performance.now() - from
      }),
    )

  it.each([
    '*a'.repeat(250),
    `${'*a?'.repeat(166)}b`,
    `*${'a?'.repeat(249)}b*`,
    `*${'?'.repeat(498)}b`,
    '(a+)+$',
    '%_'.repeat(250),
    '?'.repeat(500),
    '*'.repeat(500),
  ])('are held against 100,000 characters at once: %.20s', (pattern) => {
    expect(best(() => matchesRule({ match: 'pattern', pattern }, long))).toBeLessThan(slowestMs)
    expect(best(() => matchesRule({ match: 'pattern', pattern }, `${long}!`))).toBeLessThan(slowestMs)
  })

  it.each(['*a*a*a', '(a+)+$', '%_%_', '1.1:', 'a-', '\r\n', ' ', '[[['])('are refused or taken at once by every schema with a pattern: %j', (text) => {
    const typed = text.repeat(Math.ceil(100_000 / text.length))
    const schemas = [
      CommandRuleInput.shape.pattern,
      HostAddress,
      AssetName,
      AccountName,
      OperatorName,
      Network,
      WeeklyHours.shape.timeZone,
      HostKey.shape.key,
      PersonName,
    ]
    for (const schema of schemas) expect(best(() => schema.safeParse(typed))).toBeLessThan(slowestMs)
    for (const length of [64, 253]) expect(best(() => HostAddress.safeParse(`${typed.slice(0, length - 1)}!`))).toBeLessThan(slowestMs)
    expect(best(() => parseTarget(typed))).toBeLessThan(slowestMs)
    expect(best(() => searchWords(typed))).toBeLessThan(slowestMs)
  })
})

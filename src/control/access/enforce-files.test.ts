import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GrantTerms } from '#domain/grant.ts'
import { DoorAdmitted } from '#wire/door.ts'
import { Redeemed } from '#wire/link.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import type { Trx } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { endForbidden } from './enforce.ts'
import { PassingTime } from './passing-time.ts'
import { grantTo } from './test-grants.ts'

describe.each(engines)('sessions that move files, when the rules change, on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
  })
  afterEach(() => rooms.close())

  const member = async (terms: Partial<GrantTerms> = {}) => {
    const person = await rooms.seedOperator({ role: 'member' })
    const asset = await rooms.seedAsset()
    const grant = await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id], assets: [asset.id] }, terms))
    return { person, asset, grant }
  }
  type Mine = Awaited<ReturnType<typeof member>>
  const openFiles = async ({ person, asset }: Mine) => {
    const ticket = await rooms.ticketFor(person, { kind: 'files', asset: asset.id, account: asset.account })
    const { body, failure } = await gateway.ask({ ...redeem(ticket), signIn: person.signInId })
    if (failure) throw new Error(failure.code)
    const answer = Redeemed.parse(body)
    if (answer.kind !== 'files') throw new Error(answer.kind)
    return answer.admission.session
  }
  const change = (act: (trx: Trx) => Promise<unknown>) =>
    rooms.store.transaction(async (trx) => {
      await act(trx)
      return endForbidden(trx, { text: 'Your access was changed.' }, rooms.clock.now)
    })
  const setTerms = (id: string, terms: Partial<GrantTerms>) => async (trx: Trx) => {
    const row = await trx.selectFrom('grants').select('terms').where('id', '=', id).executeTakeFirstOrThrow()
    await trx
      .updateTable('grants')
      .set({ terms: JSON.stringify({ ...(JSON.parse(row.terms) as GrantTerms), ...terms }) })
      .where('id', '=', id)
      .execute()
  }
  const another =
    ({ person, asset }: Mine, terms: Partial<GrantTerms>) =>
    (trx: Trx) =>
      grantTo(trx, { operators: [person.id], assets: [asset.id] }, terms)
  const narrowed = { mustEnd: 'revoked', mustEndText: 'Less than before may be moved to or from this host now. Connect again.' }
  const places = { paths: ['/srv', '/tmp'], maxBytes: 1000 }

  it.each<[string, Partial<GrantTerms>, (mine: Mine) => (trx: Trx) => Promise<unknown>]>([
    ['paths come', {}, ({ grant }) => setTerms(grant, { paths: ['/srv'] })],
    ['a size comes', {}, ({ grant }) => setTerms(grant, { maxBytes: 1000 })],
    ['a path goes', places, ({ grant }) => setTerms(grant, { paths: ['/srv'] })],
    ['the size sinks', places, ({ grant }) => setTerms(grant, { maxBytes: 999 })],
    ['a path is narrowed beside another that is wider', places, ({ grant }) => setTerms(grant, { paths: ['/srv/app', '/tmp', '/var'] })],
  ])('end when %s, with words that say so', async (_what, terms, act) => {
    const mine = await member(terms)
    const session = await openFiles(mine)
    expect(await change(act(mine))).toMatchObject([{ gateway: gateway.id, wish: { session, reason: 'revoked', text: narrowed.mustEndText } }])
    expect(await rooms.row(session)).toMatchObject(narrowed)
  })

  it('end when a grant goes by which more was permitted than by those that stay', async () => {
    const mine = await member({ actions: ['upload', 'download'], paths: ['/srv'] })
    const wider = await rooms.store.transaction(another(mine, { actions: ['upload', 'download'], maxBytes: 10 }))
    const session = await openFiles(mine)
    expect(await change((trx) => trx.deleteFrom('grants').where('id', '=', wider).execute())).toHaveLength(1)
    expect(await rooms.row(session)).toMatchObject(narrowed)
  })

  it('are told when the time of such a grant is over, also where another takes over for a while', async () => {
    const mine = await member({ actions: ['upload', 'download'], paths: ['/srv'] })
    const at = (minutes: number) => rooms.clock.now + minutes * 60_000
    const iso = (minutes: number) => new Date(at(minutes)).toISOString()
    const both = { actions: ['upload', 'download'] as const }
    await rooms.store.transaction(another(mine, { actions: [...both.actions], until: iso(10) }))
    const endsAt = async (session: string) => (await rooms.row(session)).endsAt
    const session = await openFiles(mine)
    expect(await endsAt(session)).toBe(at(10))
    // Longer, and then shorter: the gateway is told each time.
    const later = await rooms.store.transaction(another(mine, { actions: [...both.actions], from: iso(5), until: iso(30) }))
    expect(await change(() => Promise.resolve())).toMatchObject([{ wish: { session, endsAt: at(30) } }])
    expect(await change((trx) => trx.deleteFrom('grants').where('id', '=', later).execute())).toMatchObject([{ wish: { session, endsAt: at(10) } }])
    const unbound = await member()
    expect(await endsAt(await openFiles(unbound))).toBeNull()
  })

  it('end when the time of such a grant is over', async () => {
    const mine = await member({ actions: ['upload', 'download'], paths: ['/srv'] })
    const until = new Date(rooms.clock.now + 60_000).toISOString()
    await rooms.store.transaction(another(mine, { actions: ['upload', 'download'], until }))
    const session = await openFiles(mine)
    const pushed: unknown[] = []
    const time = new PassingTime(
      rooms.store,
      () => rooms.clock.now,
      (ends) => pushed.push(...ends),
    )
    await time.turn()
    expect(pushed).toEqual([])
    rooms.clock.now += 61_000
    await time.turn()
    expect(pushed).toMatchObject([{ wish: { session, reason: 'revoked', text: narrowed.mustEndText } }])
  })

  it('stay when more is permitted, and end when that is taken away with what they had', async () => {
    const mine = await member(places)
    const session = await openFiles(mine)
    const before = (await rooms.row(session)).duties
    for (const wider of [{ paths: ['/srv', '/tmp', '/var'] }, { paths: ['/'] }, { maxBytes: 2000 }])
      expect(await change(setTerms(mine.grant, wider))).toEqual([])
    expect(await change(another(mine, {}))).toEqual([])
    // Its gateway was told of the first rules alone: taking away what came later takes nothing from it.
    expect((await rooms.row(session)).duties).toBe(before)
    expect(await change((trx) => trx.deleteFrom('grants').where('id', '<>', mine.grant).execute())).toEqual([])
    expect(await change(setTerms(mine.grant, places))).toEqual([])
    expect(await change(setTerms(mine.grant, { ...places, paths: ['/srv'] }))).toHaveLength(1)
  })

  it('stay when a grant takes over from another that says the same', async () => {
    const mine = await member(places)
    const session = await openFiles(mine)
    await change(async (trx) => {
      await another(mine, places)(trx)
      await trx.deleteFrom('grants').where('id', '=', mine.grant).execute()
    })
    expect(await rooms.row(session)).toMatchObject({ mustEnd: null })
  })

  it('are remembered by a digest when there is much to them: then any change ends them', async () => {
    const long = (count: number) => Array.from({ length: count }, (_, at) => `/${'x'.repeat(490)}${at}`)
    const mine = await member({ paths: long(40) })
    const session = await openFiles(mine)
    expect((await rooms.row(session)).duties?.length).toBeLessThan(500)
    expect(await change(() => Promise.resolve())).toEqual([])
    expect(await change(setTerms(mine.grant, { paths: long(41) }))).toHaveLength(1)
  })

  it('end likewise at the SSH door, and terminals do not', async () => {
    const mine = await member()
    await rooms.store.transaction((trx) =>
      trx.updateTable('signIns').set({ door: 'ssh', gatewayId: gateway.id }).where('id', '=', mine.person.signInId).execute(),
    )
    const admit = async (kind: 'shell' | 'exec' | 'sftp', command?: string) => {
      const { body } = await gateway.ask({
        ...{ ask: 'admit', signIn: mine.person.signInId, source: '192.0.2.1', to: { asset: mine.asset.name }, kind, cols: 80, rows: 24, term: 'xterm' },
        ...(command === undefined ? {} : { command: Buffer.from(command).toString('base64') }),
      })
      const answer = DoorAdmitted.parse(body)
      return answer.state === 'admitted' ? answer.admission.session : ''
    }
    const shell = await admit('shell')
    const exec = await admit('exec', 'uptime')
    const files = [await admit('sftp'), await admit('exec', 'scp -f /etc/passwd')]
    // As one from before there were rules: it may have moved anything that its actions say.
    await rooms.store.transaction((trx) =>
      trx
        .updateTable('sessions')
        .set({ duties: '{"record":"must"}' })
        .where('id', '=', files[0] ?? '')
        .execute(),
    )
    expect(await change(() => Promise.resolve())).toEqual([])
    const ends = await change(setTerms(mine.grant, { paths: ['/srv'] }))
    expect(ends.map(({ wish }) => 'session' in wish && wish.session).toSorted()).toEqual(files.toSorted())
    for (const session of [shell, exec]) expect(await rooms.row(session)).toMatchObject({ mustEnd: null })
  })
})

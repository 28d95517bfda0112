import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DoorAdmitted } from '#wire/door.ts'
import type { GrantTerms } from '#domain/grant.ts'
import { endForbidden } from '../access/enforce.ts'
import { grantTo } from '../access/test-grants.ts'
import { commandsOfSession, listCommands } from '../commands/list-commands.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { reachSession } from './reach-session.ts'
import { engines, useEngine } from '../store/test-engines.ts'

describe.each(engines)('admitting at the SSH door on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
  })
  afterEach(() => rooms.close())

  type Ask = Parameters<typeof gateway.ask>[0]
  type AskAdmit = Extract<Ask, { ask: 'admit' }>
  type Person = { id: string; signInId: string }
  const seed = async (terms?: Partial<GrantTerms>, named: { assets?: string[] } = {}) => {
    const person = await rooms.seedOperator({ role: 'member' })
    await atDoor(person, gateway.id)
    if (terms) await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id], ...named }, terms))
    return person
  }
  const atDoor = (person: Person, id: string) =>
    rooms.store.transaction((trx) => trx.updateTable('signIns').set({ door: 'ssh', gatewayId: id }).where('id', '=', person.signInId).execute())
  const admit = (person: Person, to: AskAdmit['to'], more: Partial<AskAdmit> = {}) =>
    gateway.ask({ ask: 'admit', signIn: person.signInId, source: '192.0.2.1', to, kind: 'shell', cols: 80, rows: 24, term: 'xterm', ...more })
  const admitted = async (...asked: Parameters<typeof admit>) => {
    const { body, failure } = await admit(...asked)
    if (failure) throw new Error(`${failure.code}: ${failure.message}`)
    const answer = DoorAdmitted.parse(body)
    if (answer.state !== 'admitted') throw new Error(answer.state)
    return answer
  }
  const code = async (...asked: Parameters<typeof admit>) => (await admit(...asked)).failure?.code
  const told = (command: string) => Buffer.from(command).toString('base64')
  const addAccount = (asset: { id: string; account: string }, username: string) =>
    rooms.store.transaction(async (trx) => {
      const row = await trx.selectFrom('accounts').selectAll().where('id', '=', asset.account).executeTakeFirstOrThrow()
      await trx
        .insertInto('accounts')
        .values({ ...row, id: `${row.id.slice(0, -6)}${username}`, username, authKind: 'ask', sealed: null, createdAt: row.createdAt + 1 })
        .execute()
    })

  it('gives the same admission as a ticket, with what the session may do', async () => {
    const person = await seed({ actions: ['shell'], forwardAgent: true, maxSeconds: 60 })
    const asset = await rooms.seedAsset(undefined, { name: 'web1' })
    const answer = await admitted(person, { asset: 'web1' })
    expect(answer).toMatchObject({
      ...{ kind: 'shell', may: ['shell'], forwardAgent: true, outputBytes: 1_048_576, digests: true },
      admission: {
        asset: { id: asset.id, name: 'web1' },
        target: { username: 'root' },
        auth: { kind: 'password' },
        limits: { idleMs: 900_000, maxMs: 60_000 },
      },
    })
    expect(await rooms.row(answer.admission.session)).toMatchObject({
      ...{
        door: 'ssh',
        kind: 'shell',
        state: 'opening',
        may: null,
        command: null,
        signInId: person.signInId,
        gatewayId: gateway.id,
        recordingState: 'writing',
      },
    })
    expect(await rooms.ledger('session.admitted')).toMatchObject([
      { outcome: 'intent', operator: person.id, object: answer.admission.session, detail: { door: 'ssh', kind: 'shell', may: ['shell'] } },
    ])
    const use = await rooms.store.db.selectFrom('assetUses').selectAll().executeTakeFirstOrThrow()
    expect(use).toMatchObject({ operatorId: person.id, assetId: asset.id })
  })

  it('takes sign-ins of this door and this gateway alone, while they hold', async () => {
    const [person, other] = [await seed({}), await rooms.join()]
    await rooms.seedAsset(undefined, { name: 'web1' })
    await atDoor(person, other.id)
    expect(await code(person, { asset: 'web1' })).toBe('unauthenticated')
    await rooms.store.transaction((trx) => trx.updateTable('signIns').set({ door: 'web', gatewayId: gateway.id }).where('id', '=', person.signInId).execute())
    expect(await code(person, { asset: 'web1' })).toBe('unauthenticated')
    await atDoor(person, gateway.id)
    expect((await admitted(person, { asset: 'web1' })).kind).toBe('shell')
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).where('id', '=', person.id).execute())
    expect(await code(person, { asset: 'web1' })).toBe('unauthenticated')
    expect(await rooms.ledger('session.refused')).toEqual([])
  })

  it('answers alike for hosts that are not there and those that nothing permits, by name and by address', async () => {
    const person = await seed({}, { assets: [] })
    await rooms.seedAsset(undefined, { name: 'web1', address: '192.0.2.10' })
    const there = [{ asset: 'web1' }, { destination: { host: '192.0.2.10', port: 22 } }, { destination: { host: 'web1', port: 22 } }]
    const absent = [{ asset: 'web9' }, { asset: 'Web1' }, { destination: { host: '192.0.2.99', port: 22 } }]
    const answers = await Promise.all([...there, ...absent].map((to) => admit(person, to)))
    expect(new Set(answers.map(({ failure }) => JSON.stringify(failure)))).toEqual(new Set([JSON.stringify(answers[0]?.failure)]))
    expect(answers[0]?.failure?.code).toBe('asset_not_found')
    expect(await rooms.ledger('session.refused')).toHaveLength(6)
  })

  it('refuses other accounts than those of the grant, however they are written, and lists those to choose from', async () => {
    const person = await seed({ actions: ['shell'], accounts: ['deploy', 'ops'] })
    const asset = await rooms.seedAsset(undefined, { name: 'web1' })
    await addAccount(asset, 'deploy')
    await addAccount(asset, 'ops')
    for (const account of ['root', 'Deploy', 'deploy\0', 'deploy ', 'nobody'])
      expect(await code(person, { asset: 'web1' }, { account })).toBe('account_not_found')
    expect((await admit(person, { asset: 'web1' })).body).toEqual({ state: 'choose', asset: 'web1', accounts: ['deploy', 'ops'] })
    expect((await admitted(person, { asset: 'web1' }, { account: 'ops' })).admission).toMatchObject({ target: { username: 'ops' }, auth: { kind: 'ask' } })
  })

  it('finds hosts where a client wants to go, however the address is written, and of several the one that may be used', async () => {
    const [one, two] = [
      await rooms.seedAsset(undefined, { name: 'a', address: '192.0.2.10', port: 2222 }),
      await rooms.seedAsset(undefined, { name: 'b', address: '192.0.2.10', port: 2222 }),
    ]
    await rooms.seedAsset(undefined, { name: 'named', address: 'Db.example.org' })
    await addAccount(two, 'deploy')
    const person = await seed({ actions: ['shell'] })
    const at = async (host: string, port: number, account?: string) => {
      const { body } = await admit(person, { destination: { host, port } }, account === undefined ? {} : { account })
      return (body as DoorAdmitted | undefined)?.state === 'admitted' ? (body as { admission: { asset: { name: string } } }).admission.asset.name : undefined
    }
    expect(await at('192.0.2.10', 2222, 'root')).toBe('a')
    expect(await at('::ffff:192.0.2.10', 2222, 'deploy')).toBe('b')
    expect(await at('a', 22, 'root')).toBe('a')
    expect(await at('a', 80, 'root')).toBeUndefined()
    expect(await at('db.EXAMPLE.org', 22)).toBe('named')
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ state: 'ended' }).execute())
    const narrow = await seed({ actions: ['shell'] }, { assets: [two.id] })
    expect((await admit(narrow, { destination: { host: '192.0.2.10', port: 2222 } })).body).toMatchObject({ state: 'choose', asset: 'b' })
    expect(one.name).toBe('a')
  })

  it('asks for the right that each kind needs, and tells which of several there are', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const [runs, loads, takes] = [await seed({ actions: ['exec'] }), await seed({ actions: ['upload'] }), await seed({ actions: ['download', 'forward'] })]
    const kinds = async (person: Person) => {
      const asked: Partial<AskAdmit>[] = [
        { kind: 'shell' },
        { kind: 'shell', command: told('top') },
        { kind: 'exec', command: told('uptime') },
        { kind: 'sftp' },
        { kind: 'exec', command: told('scp -t /tmp/x') },
        { kind: 'exec', command: told('scp -f /etc/motd') },
        { kind: 'exec', command: told('scp -t /tmp/x; id') },
        { kind: 'forward' },
      ]
      const answers: string[] = []
      for (const more of asked) {
        const { body } = await admit(person, { asset: 'web1' }, more)
        answers.push(body === undefined ? '-' : ((body) => `${body.kind} ${body.may.join()}`)(body as { kind: string; may: string[] }))
        await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ state: 'ended' }).execute())
      }
      return answers
    }
    expect(await kinds(runs)).toEqual(['-', 'shell exec', 'exec exec', '-', '-', '-', 'exec exec', '-'])
    expect(await kinds(loads)).toEqual(['-', '-', '-', 'sftp upload', 'scp upload', '-', '-', '-'])
    expect(await kinds(takes)).toEqual(['-', '-', '-', 'sftp download', '-', 'scp download', '-', 'forward forward'])
  })

  it('owes what the grants of all permitted acts ask for, and ends with the first of them', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const person = await seed({ actions: ['upload'], maxSeconds: 600 })
    const until = new Date(rooms.clock.now + 100_000).toISOString()
    await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id] }, { actions: ['download'], idleSeconds: 30, until }))
    const { admission, may } = await admitted(person, { asset: 'web1' }, { kind: 'sftp' })
    expect(may).toEqual(['upload', 'download'])
    expect(admission.limits).toMatchObject({ maxMs: 600_000, idleMs: 30_000, endsAt: Date.parse(until) })
    expect(await rooms.row(admission.session)).toMatchObject({ kind: 'sftp', may: '["upload","download"]', recordingState: null, recordingFile: null })
  })

  it('keeps a command word for word, and what rules say of it', async () => {
    const person = await seed({ actions: ['exec'] })
    await rooms.seedAsset(undefined, { name: 'web1' })
    const rule = { match: 'pattern', enabled: 1, note: '', createdAt: 1 }
    await rooms.store.transaction((trx) =>
      trx
        .insertInto('commandRules')
        .values([
          { ...rule, id: 'ru_1', name: 'no rm', pattern: 'rm -rf *', effect: 'deny' },
          { ...rule, id: 'ru_2', name: 'sudo', pattern: 'sudo *', effect: 'notice' },
        ])
        .execute(),
    )
    const long = `echo ${'ä'.repeat(20_000)}`
    const { admission } = await admitted(person, { asset: 'web1' }, { kind: 'exec', command: told(long) })
    const { items } = await commandsOfSession(rooms.store, admission.session)
    expect(items).toMatchObject([{ text: long, how: 'exec', number: 0, operator: person.username, asset: 'web1' }])
    expect((await rooms.row(admission.session)).command?.length).toBe(1000)
    expect((await listCommands(rooms.store, { page: 1, size: 10 })).items[0]?.text).toBe(`${long.slice(0, 4000)}…`)
    await admitted(person, { asset: 'web1' }, { kind: 'exec', command: told('sudo id') })
    expect(await rooms.ledger('command.noticed')).toMatchObject([{ outcome: 'done', detail: { rule: 'sudo' } }])
    for (const command of ['rm -rf /', 'rm -rf /\r', '\u0007rm -rf /'])
      expect((await admit(person, { asset: 'web1' }, { kind: 'exec', command: told(command) })).failure).toMatchObject({
        code: 'command_denied',
        detail: { rule: 'no rm' },
      })
    const denied = await rooms.ledger('command.denied')
    expect(denied).toMatchObject(Array.from({ length: 3 }, () => ({ outcome: 'refused', operator: person.id, detail: { rule: 'no rm', host: 'web1' } })))
    const row = await rooms.row(denied[0]?.object ?? '')
    expect(row).toMatchObject({ state: 'ended', failure: 'command_denied', recordingState: null, command: 'rm -rf /' })
    expect((await commandsOfSession(rooms.store, row.id)).items).toMatchObject([{ text: 'rm -rf /', verdict: 'denied', rule: 'no rm' }])
    expect(await code(person, { asset: 'web1' }, { kind: 'exec', command: told('rm -rf /\0') })).toBe('bad_request')
    expect(await code(person, { asset: 'web1' }, { kind: 'exec' })).toBe('bad_request')
  })

  it('knows of the one command of a session how it ended, and how long it took', async () => {
    const person = await seed({ actions: ['exec'] })
    await rooms.seedAsset(undefined, { name: 'web1' })
    const { admission } = await admitted(person, { asset: 'web1' }, { kind: 'exec', command: told('make') })
    const { session } = admission
    rooms.clock.now += 10_000
    await gateway.report({ report: 'began', session, at: rooms.clock.now, hostKey: `SHA256:${'a'.repeat(43)}`, rttHostMs: 1 } as never)
    rooms.clock.now += 2500
    await gateway.report({ report: 'ended', session, end: { reason: 'exited', message: '', exitStatus: 2, at: rooms.clock.now }, bytesIn: 0, bytesOut: 9 })
    expect((await commandsOfSession(rooms.store, session)).items).toMatchObject([{ text: 'make', exitStatus: 2, durationMs: 2500 }])
  })

  it('goes on while all that it may do is permitted, and ends with the first of it (AUTHZ-05)', async () => {
    const person = await seed({ actions: ['download'] })
    await rooms.seedAsset(undefined, { name: 'web1' })
    const uploads = await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id] }, { actions: ['upload'] }))
    const { session } = (await admitted(person, { asset: 'web1' }, { kind: 'sftp' })).admission
    const become = (actions: GrantTerms['actions']) =>
      rooms.store.transaction(async (trx) => {
        const terms = JSON.stringify({ actions, accounts: 'all' })
        await trx.updateTable('grants').set({ terms }).where('id', '=', uploads).execute()
        return endForbidden(trx, { operators: [person.id], text: 'Your grant was changed.' }, rooms.clock.now)
      })
    expect(await become(['shell', 'upload'])).toEqual([])
    expect(await become(['shell'])).toMatchObject([{ wish: { session, reason: 'revoked', text: 'Your grant was changed.' } }])
  })

  it('ends as expired when the time of one of its rights is over', async () => {
    const person = await seed({ actions: ['download'] })
    await rooms.seedAsset(undefined, { name: 'web1' })
    const until = new Date(rooms.clock.now + 100_000).toISOString()
    await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id] }, { actions: ['upload'], until }))
    const { session } = (await admitted(person, { asset: 'web1' }, { kind: 'sftp' })).admission
    rooms.clock.now += 100_000
    const ends = await rooms.store.transaction((trx) => endForbidden(trx, { text: 'x' }, rooms.clock.now))
    expect(ends).toMatchObject([{ wish: { session, reason: 'grant_expired' } }])
  })

  it('is taken over and watched where there is a terminal alone', async () => {
    const person = await seed({ actions: ['shell', 'exec'] })
    await rooms.seedAsset(undefined, { name: 'web1' })
    const [shell, exec] = [await admitted(person, { asset: 'web1' }), await admitted(person, { asset: 'web1' }, { kind: 'exec', command: told('make') })]
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ state: 'live' }).execute())
    const asker = { id: person.id as never, name: 'x', role: 'member', enabled: true, mayWatch: false, groups: [], secondFactor: false } as const
    const reach = (session: string) =>
      rooms.store.transaction((trx) => reachSession(trx, 'attach', { session, operator: asker, source: '192.0.2.1', now: rooms.clock.now }))
    expect((await reach(shell.admission.session))?.id).toBe(shell.admission.session)
    expect(await reach(exec.admission.session)).toBeUndefined()
  })

  it('says to those who may know what is missing: a reason, a second factor, another hour, room', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const asked = await seed({ actions: ['shell'], reason: true })
    expect((await admit(asked, { asset: 'web1' })).failure).toMatchObject({ code: 'reason_required', message: expect.stringContaining('SetEnv') as string })
    expect(await code(asked, { asset: 'web1' }, { reason: '  ' })).toBe('reason_required')
    const { admission } = await admitted(asked, { asset: 'web1' }, { reason: 'disk is full' })
    expect((await rooms.row(admission.session)).reason).toBe('disk is full')
    expect(await code(await seed({ actions: ['shell'], secondFactor: true }), { asset: 'web1' })).toBe('second_factor_needed')
    expect(await code(await seed({ actions: ['shell'], sources: ['10.0.0.0/8'] }), { asset: 'web1' })).toBe('access_not_now')
    for (let more = 1; more < rooms.sessionsPerOperator; more += 1) await admitted(asked, { asset: 'web1' }, { reason: 'more' })
    expect(await code(asked, { asset: 'web1' }, { reason: 'more' })).toBe('too_many_sessions')
    rooms.state.refusing = 'The disk is full.'
    expect(await code(asked, { asset: 'web1' }, { reason: 'more' })).toBe('disk_full')
  })

  it('writes no row for each of a thousand refusals, and says how many there were', async () => {
    const person = await seed({})
    for (let time = 0; time < 20; time += 1) await admit(person, { asset: 'same' })
    expect(await rooms.ledger('session.refused')).toHaveLength(1)
    for (let time = 0; time < 60; time += 1) await admit(person, { asset: `web${time}` })
    expect(await rooms.ledger('session.refused')).toHaveLength(30)
    rooms.clock.now += 60_000
    await gateway.beat()
    const rows = await rooms.ledger('session.refused')
    expect(rows).toHaveLength(31)
    expect(rows.at(-1)?.detail).toMatchObject({ unwritten: 30, asset: 'web59', failure: 'asset_not_found' })
    expect(rows.reduce((sum, { detail }) => sum + 1 + Number(detail['unwritten'] ?? 0), 0)).toBe(80)
  })

  it('keeps a sign-in that is used from being idle', async () => {
    const person = await seed({})
    await rooms.seedAsset(undefined, { name: 'web1' })
    rooms.clock.now += 90 * 60_000 - 3_600_000
    await admitted(person, { asset: 'web1' })
    const { lastSeenAt } = await rooms.store.db.selectFrom('signIns').select('lastSeenAt').where('id', '=', person.signInId).executeTakeFirstOrThrow()
    expect(lastSeenAt).toBe(rooms.clock.now)
  })
})

import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GrantTerms } from '#domain/grant.ts'
import { Redeemed } from '#wire/link.ts'
import type { TicketBody } from '../access/tickets.ts'
import { grantTo } from '../access/test-grants.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import { digestOf } from '../sign-in/opaque-token.ts'
import { engines, useEngine } from '../store/test-engines.ts'

describe.each(engines)('a ticket for files on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
  })
  afterEach(() => rooms.close())

  type Person = Awaited<ReturnType<TestLinks['seedOperator']>>
  const member = async (terms: Partial<GrantTerms> = {}) => {
    const person = await rooms.seedOperator({ role: 'member' })
    const asset = await rooms.seedAsset(undefined, { name: `web-${person.id.slice(-4)}` })
    const grant = await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id], assets: [asset.id], name: 'mine' }, terms))
    return { person, asset, grant, files: { kind: 'files', asset: asset.id, account: asset.account } as const }
  }
  const take = async (ticket: string, { signInId }: Person, at = gateway) => at.ask({ ...redeem(ticket), signIn: signInId })
  const ask = async (person: Person, body: TicketBody, at = gateway) => take(await rooms.ticketFor(person, body), person, at)
  const opened = async (...asked: Parameters<typeof ask>) => {
    const { body, failure } = await ask(...asked)
    if (failure) throw new Error(`${failure.code}: ${failure.message}`)
    const answer = Redeemed.parse(body)
    if (answer.kind !== 'files') throw new Error(answer.kind)
    return answer
  }
  const code = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).failure?.code
  const began = async (how: Parameters<TestLinks['open']>[1], at = gateway) => {
    const { session } = await rooms.open(at, how)
    await at.report({ report: 'began', session, at: rooms.clock.now })
    return session
  }
  const inSession = (id: string, change: Record<string, unknown>) =>
    rooms.store.transaction((trx) => trx.updateTable('sessions').set(change).where('id', '=', id).execute())

  it('opens a session that moves files, with the rules and what the dial needs', async () => {
    const { person, asset, grant, files } = await member({ actions: ['download'], paths: ['/var/log'], maxBytes: 1000, maxSeconds: 60 })
    const answer = await opened(person, files)
    expect(answer).toMatchObject({
      ...{ kind: 'files', way: 'web', rules: [{ name: 'mine', actions: ['download'], paths: ['/var/log'], maxBytes: 1000 }] },
      admission: { asset: { id: asset.id }, target: { username: 'root' }, auth: { kind: 'password' }, limits: { maxMs: 60_000 } },
    })
    expect(answer.beside).toBeUndefined()
    const { session } = answer.admission
    expect(await rooms.row(session)).toMatchObject({
      ...{ kind: 'sftp', door: 'web', state: 'opening', may: '["download"]', recordingState: null, signInId: person.signInId, gatewayId: gateway.id },
    })
    const detail = { door: 'web', kind: 'sftp', may: ['download'], grants: [grant] }
    expect(await rooms.ledger('session.admitted')).toMatchObject([{ outcome: 'intent', operator: person.id, object: session, detail }])
  })

  it('has the credential of its host signed or released like a terminal', async () => {
    const { person, files } = await member()
    const { admission } = await opened(person, files)
    expect(await gateway.ask({ ask: 'release', lease: admission.session })).toEqual({ body: { password: 'hunter2 hunter2' } })
  })

  it('names the way of a program, by whose token it came', async () => {
    const { person, files } = await member()
    const token = `sp_${'a'.repeat(43)}`
    const row = { id: 'tk_aaaaaaaaaaaaaaaaaaaaaaaa', operatorId: person.id, name: 'ci', hash: digestOf(token), scopes: '["connect"]', createdAt: 1 }
    await rooms.store.transaction((trx) =>
      trx
        .insertInto('tokens')
        .values({ ...row, expiresAt: rooms.clock.now + 3_600_000 })
        .execute(),
    )
    const ticket = await rooms.ticketFor({ ...person, signInId: row.id }, files)
    const { body } = await gateway.ask({ ...redeem(ticket), signIn: row.hash })
    const answer = Redeemed.parse(body)
    expect(answer).toMatchObject({ kind: 'files', way: 'api' })
    if (answer.kind === 'files') expect(await rooms.row(answer.admission.session)).toMatchObject({ door: 'api', signInId: row.id })
  })

  it('is not redeemed without the sign-in that asked for it, nor with another', async () => {
    const { person, files } = await member()
    expect((await gateway.ask(redeem(await rooms.ticketFor(person, files)))).failure?.code).toBe('ticket_invalid')
    const other = { ...person, signInId: randomBytes(32).toString('hex') }
    expect((await take(await rooms.ticketFor(person, files), other)).failure?.code).toBe('ticket_invalid')
    expect(await rooms.store.db.selectFrom('sessions').selectAll().execute()).toEqual([])
  })

  it('names a live terminal of the same person, host and account beside it, that this gateway holds', async () => {
    const { person, asset, files } = await member()
    const [older, newer] = [await began({ person, asset }), await began({ person, asset })]
    await inSession(older, { startedAt: rooms.clock.now - 1000 })
    expect((await opened(person, files)).beside).toBe(newer)
    const others: Record<string, unknown>[] = [
      { operatorId: (await rooms.seedOperator()).id },
      { account: 'toor' },
      { accountId: 'ac_other' },
      { gatewayId: (await rooms.join()).id },
      { state: 'unreachable' },
      { state: 'ended' },
      { mustEnd: 'revoked' },
      { kind: 'exec' },
      { door: 'ssh' },
    ]
    const row = await rooms.row(newer)
    for (const change of others) {
      await inSession(newer, change)
      expect((await opened(person, files)).beside, JSON.stringify(change)).toBe(older)
      await inSession(newer, { ...row })
      await rooms.store.transaction((trx) => trx.deleteFrom('sessions').where('kind', '=', 'sftp').execute())
    }
  })

  it('stands beside the terminal that was named: its host, its account, its reason', async () => {
    const { person, asset } = await member({ reason: true })
    const body = { kind: 'shell', asset: asset.id, account: asset.account, reason: 'a full disk' } as const
    const terminal = Redeemed.parse((await gateway.ask(redeem(await rooms.ticketFor(person, body)))).body)
    if (terminal.kind !== 'shell') throw new Error(terminal.kind)
    const { session } = terminal.admission
    expect(await code(person, { kind: 'files', session })).toBe('session_not_found')
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    const answer = await opened(person, { kind: 'files', session })
    expect(answer).toMatchObject({ beside: session, admission: { asset: { id: asset.id } } })
    expect(await rooms.row(answer.admission.session)).toMatchObject({ reason: 'a full disk', accountId: asset.account })
    // Elsewhere it holds too, without the terminal.
    expect((await opened(person, { kind: 'files', session }, await rooms.join())).beside).toBeUndefined()
    expect(await code(await rooms.seedOperator(), { kind: 'files', session })).toBe('session_not_found')
    await inSession(session, { mustEnd: 'terminated' })
    expect(await code(person, { kind: 'files', session })).toBe('session_not_found')
  })

  it('of a quick connect is for its administrator, everywhere', async () => {
    const person = await rooms.seedOperator()
    const session = await began({ person, address: 'root@192.0.2.77:2022' })
    const answer = await opened(person, { kind: 'files', session })
    expect(answer).toMatchObject({
      ...{ beside: session, rules: [{ name: 'quick connect', actions: ['upload', 'download'] }] },
      admission: { target: { address: '192.0.2.77', port: 2022, username: 'root' }, auth: { kind: 'ask' }, mayTrustHostKey: true },
    })
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ role: 'member' }).where('id', '=', person.id).execute())
    expect(await code(person, { kind: 'files', session })).toBe('session_not_found')
  })

  it('decides again on present rows, and leaves a used ticket and a ledger row', async () => {
    const cases: [string, string, Partial<GrantTerms>, ((mine: Awaited<ReturnType<typeof member>>) => Promise<unknown>)?][] = [
      ['neither direction', 'asset_not_found', { actions: ['shell', 'exec', 'forward'] }],
      ['another account', 'asset_not_found', { accounts: ['deploy'] }],
      ['a second factor', 'second_factor_needed', { secondFactor: true }],
      ['a reason', 'reason_required', { reason: true }],
      ['its grant is gone', 'asset_not_found', {}, ({ grant }) => rooms.store.transaction((trx) => trx.deleteFrom('grants').where('id', '=', grant).execute())],
      [
        'its host is gone',
        'asset_not_found',
        {},
        ({ asset }) => rooms.store.transaction((trx) => trx.deleteFrom('assets').where('id', '=', asset.id).execute()),
      ],
    ]
    for (const [what, failure, terms, happens] of cases) {
      const mine = await member(terms)
      const ticket = await rooms.ticketFor(mine.person, mine.files)
      await happens?.(mine)
      expect([what, (await take(ticket, mine.person)).failure?.code]).toEqual([what, failure])
      expect((await take(ticket, mine.person)).failure?.code).toBe('ticket_used')
      expect((await rooms.ledger('session.refused')).at(-1)).toMatchObject({
        operator: mine.person.id,
        outcome: 'refused',
        detail: { failure, kind: 'files', gateway: gateway.id },
      })
      await rooms.store.transaction((trx) => trx.deleteFrom('sessions').execute())
    }
    expect(await rooms.ledger('session.admitted')).toEqual([])
  })

  it('begins nothing where no session may: a full disk, too many of them', async () => {
    const { person, files } = await member()
    rooms.state.refusing = 'the disk is full'
    expect(await code(person, files)).toBe('disk_full')
    rooms.state.refusing = undefined
    for (let count = 0; count < rooms.sessionsPerOperator; count += 1) await opened(person, files)
    expect(await code(person, files)).toBe('too_many_sessions')
  })
})

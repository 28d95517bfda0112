import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OperatorKeyView } from '#wire/api/door.ts'
import type { AnswerOf } from '#wire/link.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { approvalMs } from './approvals.ts'
import { makeUserKey, signedBy } from './test-ssh-client.ts'

const from = { source: '192.0.2.7', client: 'OpenSSH_9.2p1' }
type Told = AnswerOf<'ask-approval'>
const idOf = ({ url }: Told) => url.slice(url.lastIndexOf('/') + 1)
const other = (number: string) => String((Number(number) + 1) % 10_000).padStart(4, '0')

describe.each(engines)('what waits for somebody at a browser, on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  let ann: Awaited<ReturnType<TestLinks['seedOperator']>>
  let bob: typeof ann

  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
    ann = await rooms.seedOperator({ username: 'ann' })
    bob = await rooms.seedOperator({ username: 'bob' })
  })
  afterEach(() => rooms.close())

  const by = (who: typeof ann) => ({ operator: who.id, name: who.username, source: '198.51.100.1', signInId: who.signInId })
  const told = ({ body, failure }: { body?: unknown; failure?: { code: string } }) => (failure?.code ?? body) as Told
  const wait = async (typed = 'ann', more: Partial<typeof from> = {}) => told(await gateway.ask({ ask: 'ask-approval', typed, ...from, ...more }))
  const poll = async ({ approval }: Told, typed = 'ann', at = gateway) =>
    (await at.ask({ ask: 'sign-in', typed, ...from, proof: { by: 'approval', approval } })).body as { state: string; signIn?: string }
  const enroll = async (key = makeUserKey(), username = 'enroll') => told(await gateway.ask({ ask: 'ask-enrollment', ...from, ...signedBy(key, username) }))
  const enrollment = async ({ approval }: Told, at = gateway) => (await at.ask({ ask: 'enrollment', enrollment: approval })).body
  const approve = (asked: Told, who = ann, number = asked.number) => rooms.door.approvals.approve(idOf(asked), { number }, by(who))
  const code = (asking: Promise<unknown>) =>
    asking.then(
      () => 'done',
      (error: { code?: string }) => error.code ?? String(error),
    )

  it('signs in once the number of the terminal was typed by whoever the name belongs to, and once only', async () => {
    const asked = await wait('ann+root+web1')
    expect(asked).toMatchObject({ number: expect.stringMatching(/^\d{4}$/) as string, minutes: 2, url: `https://bastion.example/approve/${idOf(asked)}` })
    expect(await poll(asked)).toEqual({ state: 'waiting' })
    expect(await rooms.door.approvals.get(idOf(asked), ann.id)).toMatchObject({ kind: 'sign-in', ...from, state: 'waiting' })
    expect(await approve(asked)).toMatchObject({ state: 'approved' })
    const answer = await poll(asked)
    expect(answer).toMatchObject({ state: 'signed-in', operator: { username: 'ann' } })
    expect(await poll(asked)).toEqual({ state: 'refused' })
    const row = await rooms.store.db
      .selectFrom('signIns')
      .selectAll()
      .where('id', '=', answer.signIn ?? '')
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ operatorId: ann.id, source: from.source, secondFactorAt: null })
    expect((await rooms.ledger('approval.decided'))[0]).toMatchObject({
      operator: ann.id,
      source: '198.51.100.1',
      outcome: 'done',
      detail: { from: from.source },
    })
  })

  it('counts as one with a second factor when the browser has shown one', async () => {
    await rooms.store.transaction((trx) => trx.updateTable('signIns').set({ secondFactorAt: 1 }).where('id', '=', ann.signInId).execute())
    const asked = await wait()
    await approve(asked)
    const { signIn } = await poll(asked)
    const row = await rooms.store.db
      .selectFrom('signIns')
      .select('secondFactorAt')
      .where('id', '=', signIn ?? '')
      .executeTakeFirstOrThrow()
    expect(row.secondFactorAt).toBe(rooms.clock.now)
  })

  it.each<[string, (asked: Told) => Promise<{ state: string }>]>([
    ['another gateway', async (asked) => poll(asked, 'ann', await rooms.join())],
    ['another name', (asked) => poll(asked, 'bob')],
    [
      'one whose browser has signed out since',
      async (asked) => {
        await rooms.store.transaction((trx) => trx.deleteFrom('signIns').where('id', '=', ann.signInId).execute())
        return poll(asked)
      },
    ],
    [
      'one who was disabled since',
      async (asked) => {
        await rooms.store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).where('id', '=', ann.id).execute())
        return poll(asked)
      },
    ],
    [
      'who comes after two minutes',
      (asked) => {
        rooms.clock.now += approvalMs
        return poll(asked)
      },
    ],
    ['who shows what stands in the link', (asked) => poll({ ...asked, approval: idOf(asked) })],
  ])('signs nobody in for %s', async (_what, attempt) => {
    const asked = await wait()
    await approve(asked)
    expect(await attempt(asked)).toEqual({ state: 'refused' })
    expect(await rooms.ledger('operator.signed_in')).toEqual([])
  })

  it('is not there for anybody else, and declined by the third wrong number', async () => {
    const asked = await wait()
    const absent = 'a'.repeat(32)
    expect(await code(approve(asked, bob))).toBe('approval_not_found')
    expect([await code(rooms.door.approvals.get(idOf(asked), bob.id)), await code(rooms.door.approvals.get(absent, ann.id))]).toEqual([
      'approval_not_found',
      'approval_not_found',
    ])
    expect(await code(rooms.door.approvals.decline(idOf(asked), by(bob)))).toBe('approval_not_found')
    for (let count = 0; count < 3; count += 1) expect(await code(approve(asked, ann, other(asked.number)))).toBe('number_wrong')
    expect([await code(approve(asked)), await poll(asked)]).toEqual(['conflict', { state: 'refused' }])
    expect((await rooms.ledger('approval.decided')).map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused'])
  })

  it('can be declined, and is over after two minutes', async () => {
    const [first, second] = [await wait(), await wait()]
    expect(await rooms.door.approvals.decline(idOf(first), by(ann))).toMatchObject({ state: 'declined' })
    expect([await poll(first), await code(approve(first))]).toEqual([{ state: 'refused' }, 'conflict'])
    rooms.clock.now += approvalMs
    expect([(await rooms.door.approvals.get(idOf(second), ann.id)).state, await code(approve(second)), await poll(second)]).toEqual([
      'over',
      'conflict',
      { state: 'refused' },
    ])
    rooms.clock.now += 3_600_001
    await rooms.door.approvals.sweep()
    expect(await rooms.store.db.selectFrom('approvals').select('id').execute()).toEqual([])
  })

  it('answers alike for a name that nobody has, keeps none as it was typed, and lets nobody approve it', async () => {
    const [real, ghost, typo] = [await wait('ann'), await wait('ghost'), await wait('hunter2 hunter2')]
    for (const asked of [ghost, typo]) {
      expect(Object.keys(asked)).toEqual(Object.keys(real))
      expect(await code(approve(asked))).toBe('approval_not_found')
      expect(await poll(asked, 'ghost')).toEqual({ state: asked === ghost ? 'waiting' : 'refused' })
    }
    const rows = JSON.stringify([await rooms.store.db.selectFrom('approvals').selectAll().execute(), await rooms.ledger('approval.asked')])
    expect(rows.includes('hunter2') || rows.includes('ghost')).toBe(false)
  })

  it.each(['ann', 'ghost'])('waits five times for one name at the most, there or not: %s', async (typed) => {
    for (let count = 0; count < 5; count += 1) expect(await wait(typed, { source: `192.0.2.${count}` })).toMatchObject({ minutes: 2 })
    expect(await wait(typed, { source: '192.0.2.99' })).toBe('rate_limited')
    rooms.clock.now += approvalMs
    expect(await wait(typed)).toMatchObject({ minutes: 2 })
  })

  it('waits twenty times for one source at the most, whatever is asked', async () => {
    const source = (count: number) => ({ source: `2001:db8::${count + 1}` })
    for (let count = 0; count < 20; count += 1) expect(await wait(`name${count}`, source(count))).toMatchObject({ minutes: 2 })
    expect(await wait('another', source(20))).toBe('rate_limited')
    expect(told(await gateway.ask({ ask: 'ask-enrollment', ...from, ...source(21), ...signedBy(makeUserKey(), 'enroll') }))).toBe('rate_limited')
    expect(await wait('another')).toMatchObject({ minutes: 2 })
  })

  it('gives a key to whoever types the number that its terminal shows', async () => {
    const key = makeUserKey()
    const asked = await enroll(key)
    expect(await enrollment(asked)).toEqual({ state: 'waiting' })
    expect(await rooms.door.approvals.get(idOf(asked), bob.id)).toMatchObject({ kind: 'enroll', key: { type: key.algorithm, fingerprint: key.fingerprint } })
    await approve(asked, ann)
    expect(await enrollment(asked)).toEqual({ state: 'done', username: 'ann' })
    expect(await enrollment(asked, await rooms.join())).toEqual({ state: 'over' })
    const [added] = await rooms.door.operatorKeys.list(ann.id)
    expect(added).toMatchObject({ addedBy: 'enroll', fingerprint: key.fingerprint } satisfies Partial<OperatorKeyView>)
    // It is decided: nobody else's business any more.
    expect(await code(rooms.door.approvals.get(idOf(asked), bob.id))).toBe('approval_not_found')
    expect((await gateway.ask({ ask: 'sign-in', typed: 'ann', ...from, proof: { by: 'key', ...signedBy(key, 'ann') } })).body).toMatchObject({
      state: 'signed-in',
    })
  })

  it('takes no key that has not signed as enroll, and none that belongs to somebody', async () => {
    const key = makeUserKey()
    expect(await enroll(key, 'ann')).toBe('sign_in_failed')
    expect(told(await gateway.ask({ ask: 'ask-enrollment', ...from, ...signedBy(key, 'enroll', { signedBy: makeUserKey() }) }))).toBe('sign_in_failed')
    await approve(await enroll(key), ann)
    const again = await enroll(key)
    // Only to the one who types the number.
    expect([await code(approve(again, bob, other(again.number))), await code(approve(again, bob))]).toEqual(['number_wrong', 'operator_key_known'])
    expect([await enrollment(again), await rooms.door.operatorKeys.list(bob.id)]).toEqual([{ state: 'declined' }, []])
    expect(await code(approve(await enroll(), bob))).toBe('done')
  })
})

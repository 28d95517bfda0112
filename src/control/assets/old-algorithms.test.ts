import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Admission } from '#domain/admission.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'

describe.each(engines)('old algorithms on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  const mark = (id: string, legacyUntil: number | null) => rooms.store.db.updateTable('assets').set({ legacyUntil }).where('id', '=', id).execute()
  const soon = () => rooms.clock.now + 60_000

  it('are told to whoever dials, for the host and each on its way, until their time is over; and the ledger says so', async () => {
    const [gateway, person] = [await rooms.join(), await rooms.seedOperator()]
    const hop = await rooms.seedAsset(undefined, { name: 'hop', address: '192.0.2.1' })
    const asset = await rooms.seedAsset(undefined, { name: 'old1', via: hop })
    const admitted = async () => {
      const { body } = await gateway.ask(redeem(await rooms.ticketFor(person, { kind: 'shell', asset: asset.id, account: asset.account })))
      const { admission } = body as { admission: Admission }
      const row = (await rooms.ledger('session.admitted')).find(({ object }) => object === admission.session)
      return [admission.legacyUntil, admission.via?.[0]?.legacyUntil, row?.detail['oldAlgorithmsUntil']]
    }
    expect(await admitted()).toEqual([undefined, undefined, undefined])
    const until = soon()
    await mark(asset.id, until)
    expect(await admitted()).toEqual([until, undefined, new Date(until).toISOString()])
    await mark(hop.id, until)
    expect(await admitted()).toEqual([until, until, new Date(until).toISOString()])
    rooms.clock.now = until
    expect(await admitted()).toEqual([undefined, undefined, undefined])
  })
})

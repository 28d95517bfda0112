import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OperatorId } from '#domain/id.ts'
import type { SecretInput } from '#domain/credential.ts'
import type { Ask } from '#wire/link.ts'
import { updateAccount } from '../assets/accounts.ts'
import { createCredential, updateCredential } from '../assets/write-credential.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { useEngine } from '../store/test-engines.ts'

const release = (lease: string) => ({ ask: 'release', lease }) as Ask

describe('a dial with a shared credential', () => {
  const engine = useEngine('sqlite')
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  const admin = {
    operator: { id: OperatorId.parse(`op_${'a'.repeat(24)}`), name: 'ann', role: 'admin', enabled: true, mayWatch: true, groups: [], secondFactor: false },
    source: '192.0.2.1',
  } as const
  const share = (auth: SecretInput) => createCredential(rooms.rules, { name: 'deploy', username: 'root', auth }, admin)

  it('is told its public half and given its secret, and says in the ledger which it was', async () => {
    const gateway = await rooms.join()
    const shared = await share({ kind: 'password', password: 'first first' })
    const asset = await rooms.seedAsset({ kind: 'credential', id: shared.id })
    const { session, auth } = await rooms.open(gateway, { asset })
    expect(auth).toEqual({ kind: 'password' })
    expect(await rooms.ledger('session.admitted')).toMatchObject([{ object: session, detail: { auth: 'credential', credential: shared.id } }])
    expect(await gateway.ask(release(session))).toEqual({ body: { password: 'first first' } })
    expect(await gateway.ask(release(session))).toMatchObject({ failure: { code: 'forbidden' } })
  })

  it('gets what was rotated in meanwhile, on every host', async () => {
    const gateway = await rooms.join()
    const shared = await share({ kind: 'password', password: 'first first' })
    const [one, two] = [await rooms.seedAsset({ kind: 'credential', id: shared.id }), await rooms.seedAsset({ kind: 'credential', id: shared.id })]
    const opening = await rooms.open(gateway, { asset: one })
    await updateCredential(rooms.rules, shared.id, { auth: { kind: 'password', password: 'second second' } }, admin)
    expect(await gateway.ask(release(opening.session))).toEqual({ body: { password: 'second second' } })
    expect(await gateway.ask(release((await rooms.open(gateway, { asset: two })).session))).toEqual({ body: { password: 'second second' } })
    const pair = await updateCredential(rooms.rules, shared.id, { auth: { kind: 'generate' } }, admin)
    const { auth } = await rooms.open(gateway, { asset: two })
    expect(auth).toMatchObject({ kind: 'key', algorithm: 'ssh-ed25519' })
    expect(pair.auth.kind === 'key' && pair.auth.publicKey).toBe(auth.kind === 'key' && `ssh-ed25519 ${auth.publicKey}`)
  })

  it('gets nothing of it once the account has another', async () => {
    const gateway = await rooms.join()
    const shared = await share({ kind: 'password', password: 'first first' })
    const asset = await rooms.seedAsset({ kind: 'credential', id: shared.id })
    const { session } = await rooms.open(gateway, { asset })
    await updateAccount({ ...rooms.rules, pushEnds: () => undefined }, asset.id, asset.account, { auth: { kind: 'ask' } }, admin)
    expect(await gateway.ask(release(session))).toMatchObject({ failure: { code: 'credential_missing' } })
  })

  it('notes who used the host last, and with which account', async () => {
    const gateway = await rooms.join()
    const [asset, person] = [await rooms.seedAsset(), await rooms.seedOperator()]
    await rooms.open(gateway, { asset, person })
    rooms.clock.now += 5000
    await rooms.open(gateway, { asset, person })
    await rooms.open(gateway, { address: 'root@192.0.2.77' })
    expect(await rooms.store.db.selectFrom('assetUses').selectAll().execute()).toEqual([
      { operatorId: person.id, assetId: asset.id, accountId: asset.account, usedAt: rooms.clock.now },
    ])
  })
})

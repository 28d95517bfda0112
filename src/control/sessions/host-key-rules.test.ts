import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HostKey } from '#domain/host-key.ts'
import type { Ask } from '#wire/link.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { useEngine } from '../store/test-engines.ts'

function hostKey(fill: number): HostKey {
  const type = Buffer.from('ssh-ed25519')
  const blob = Buffer.concat([Buffer.of(0, 0, 0, type.length), type, Buffer.of(0, 0, 0, 32), Buffer.alloc(32, fill)])
  return { type: 'ssh-ed25519', key: blob.toString('base64'), fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}` }
}
const judge = (lease: string, offered: HostKey) => ({ ask: 'judge-host-key', lease, offered }) as Ask
const trust = (lease: string, offered: HostKey) => ({ ask: 'trust-host-key', lease, offered }) as Ask

describe('host keys of a session', () => {
  const engine = useEngine('sqlite')
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  const pin = (asset: string, key: HostKey) =>
    rooms.store.transaction((trx) =>
      trx
        .insertInto('hostKeys')
        .values({ place: `asset:${asset}`, ...key, trustedAt: 1, trustedBy: 'ann' })
        .execute(),
    )

  it('are judged by present rows, and what is not trusted is written with both fingerprints', async () => {
    const gateway = await rooms.join()
    const asset = await rooms.seedAsset()
    const { session } = await rooms.open(gateway, { asset })
    expect(await gateway.ask(judge(session, hostKey(1)))).toEqual({ body: { verdict: 'unknown', trusted: [] } })
    await pin(asset.id, hostKey(1))
    expect(await gateway.ask(judge(session, hostKey(1)))).toMatchObject({ body: { verdict: 'trusted' } })
    expect(await gateway.ask(judge(session, hostKey(2)))).toMatchObject({ body: { verdict: 'changed', trusted: [hostKey(1)] } })
    expect((await rooms.ledger('host_key.refused')).at(-1)).toMatchObject({
      object: session,
      detail: { verdict: 'changed', offered: hostKey(2).fingerprint, trusted: [hostKey(1).fingerprint] },
    })
    for (let more = 0; more < 20; more += 1) await gateway.ask(judge(session, hostKey(3)))
    expect(await rooms.ledger('host_key.refused')).toHaveLength(10)
  })

  it('refuses a key whose fingerprint or type is not its own', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    expect(await gateway.ask(judge(session, { ...hostKey(1), fingerprint: hostKey(2).fingerprint }))).toMatchObject({ failure: { code: 'bad_request' } })
    expect(await gateway.ask(judge(session, { ...hostKey(1), type: 'ssh-rsa' }))).toMatchObject({ failure: { code: 'bad_request' } })
  })

  it('are pinned for a quick connect when unknown, and never when changed', async () => {
    const gateway = await rooms.join()
    const first = await rooms.open(gateway, { address: 'root@Example.test:2200' })
    expect(await gateway.ask(trust(first.session, hostKey(1)))).toEqual({ body: {} })
    expect(await gateway.ask(trust(first.session, hostKey(1)))).toEqual({ body: {} })
    expect(await rooms.ledger('host_key.trusted')).toMatchObject([{ operator: first.operator.id, detail: { fingerprint: hostKey(1).fingerprint } }])
    const second = await rooms.open(gateway, { address: 'admin@example.test:2200' })
    expect(second.hostKeys).toEqual([hostKey(1)])
    expect(await gateway.ask(trust(second.session, hostKey(2)))).toMatchObject({ failure: { code: 'host_key_changed' } })
    const elsewhere = await rooms.open(gateway, { address: 'root@example.test:2201' })
    expect(elsewhere.hostKeys).toEqual([])
  })

  it('of a saved host hold for a quick connect to its address too', async () => {
    const gateway = await rooms.join()
    const asset = await rooms.seedAsset(undefined, { address: 'db.example.test' })
    await pin(asset.id, hostKey(1))
    const { session, hostKeys } = await rooms.open(gateway, { address: 'root@DB.example.test' })
    expect(hostKeys).toEqual([hostKey(1)])
    expect(await gateway.ask(trust(session, hostKey(2)))).toMatchObject({ failure: { code: 'host_key_changed' } })
  })

  it('are not trusted for a saved host, by another gateway, or for one who is no administrator any more', async () => {
    const [gateway, other] = [await rooms.join(), await rooms.join()]
    const saved = await rooms.open(gateway)
    expect(await gateway.ask(trust(saved.session, hostKey(1)))).toMatchObject({ failure: { code: 'forbidden' } })
    const quick = await rooms.open(gateway, { address: 'root@192.0.2.77' })
    expect(await other.ask(trust(quick.session, hostKey(1)))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await other.ask(judge(quick.session, hostKey(1)))).toMatchObject({ failure: { code: 'forbidden' } })
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ role: 'member' }).execute())
    expect(await gateway.ask(trust(quick.session, hostKey(1)))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await rooms.store.db.selectFrom('hostKeys').selectAll().execute()).toEqual([])
  })

  const policies = async (policy: string) => {
    const gateway = await rooms.join()
    const asset = await rooms.seedAsset(undefined, { name: policy, hostKeyPolicy: policy })
    return { gateway, asset, opened: () => rooms.open(gateway, { asset }) }
  }
  const changes = () => rooms.store.db.selectFrom('keyChanges').selectAll().orderBy('lastSeenAt').execute()

  it('are pinned at the first meeting where the policy says so, and a second key is refused', async () => {
    const { gateway, asset, opened } = await policies('pin-first')
    const first = await opened()
    expect(await gateway.ask(judge(first.session, hostKey(1)))).toEqual({ body: { verdict: 'pinned', trusted: [] } })
    expect(await gateway.ask(judge(first.session, hostKey(1)))).toMatchObject({ body: { verdict: 'trusted' } })
    expect(await gateway.ask(judge(first.session, hostKey(2)))).toMatchObject({ body: { verdict: 'changed', trusted: [hostKey(1)] } })
    expect((await opened()).hostKeys).toEqual([hostKey(1)])
    expect(await rooms.ledger('host_key.pinned')).toMatchObject([
      { operator: first.operator.id, object: first.session, detail: { assetId: asset.id, offered: hostKey(1).fingerprint } },
    ])
    expect(await changes()).toMatchObject([{ assetId: asset.id, fingerprint: hostKey(2).fingerprint, times: 1, operatorName: first.operator.name }])
  })

  it('are all accepted, none kept and each written, where a host is made anew again and again', async () => {
    const { gateway, opened } = await policies('ephemeral')
    const { session } = await opened()
    expect(await gateway.ask(judge(session, hostKey(1)))).toEqual({ body: { verdict: 'accepted', trusted: [] } })
    expect(await gateway.ask(judge(session, hostKey(2)))).toEqual({ body: { verdict: 'accepted', trusted: [] } })
    expect((await rooms.ledger('host_key.accepted')).map(({ detail }) => detail['offered'])).toEqual([hostKey(1).fingerprint, hostKey(2).fingerprint])
    for (let more = 0; more < 20; more += 1) await gateway.ask(judge(session, hostKey(3)))
    expect(await rooms.ledger('host_key.accepted')).toHaveLength(10)
    expect(await rooms.store.db.selectFrom('hostKeys').selectAll().execute()).toEqual([])
    expect(await changes()).toEqual([])
  })

  it('of a host on the way are judged as that host’s, and a changed one waits for a decision there', async () => {
    const gateway = await rooms.join()
    const hop = await rooms.seedAsset(undefined, { name: 'hop' })
    const asset = await rooms.seedAsset(undefined, { via: hop, hostKeyPolicy: 'ephemeral' })
    await pin(hop.id, hostKey(1))
    const { session, via } = await rooms.open(gateway, { asset })
    expect(via?.[0]?.hostKeys).toEqual([hostKey(1)])
    const atHop = (key: HostKey, at = 0) => gateway.ask({ ...judge(session, key), hop: at } as Ask)
    expect(await atHop(hostKey(1))).toMatchObject({ body: { verdict: 'trusted' } })
    expect(await atHop(hostKey(2))).toMatchObject({ body: { verdict: 'changed', trusted: [hostKey(1)] } })
    expect(await atHop(hostKey(2))).toMatchObject({ body: { verdict: 'changed' } })
    expect(await atHop(hostKey(1), 1)).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await changes()).toMatchObject([{ assetId: hop.id, fingerprint: hostKey(2).fingerprint, times: 2, gatewayId: gateway.id }])
    expect(await rooms.ledger('host_key.refused')).toMatchObject([{ detail: { asset: 'hop', hop: 0 } }, {}])
  })

  it('that a check meets are judged by the host’s policy too, and only while it runs', async () => {
    const gateway = await rooms.join()
    const target = { address: '192.0.2.9', port: 22, username: 'root' }
    const checking = async (asset: { id: string; name: string }) => {
      const lease = rooms.checks.open({ operator: { id: 'op', name: 'ann' }, target, credential: { kind: 'ask' }, hostKeys: [], asset })
      const probe = { probe: 'check' as const, lease: lease.id, ...target, auth: { kind: 'ask' as const }, hostKeys: [], mayDialLoopback: false }
      const running = rooms.links.probe(probe)
      const { id } = await gateway.next('probe')
      const over = async () => {
        gateway.send({ type: 'probed', id, answer: { probe: 'check', steps: [] } })
        await running
      }
      return { lease: lease.id, over }
    }
    const pinning = await rooms.seedAsset(undefined, { name: 'pinning', hostKeyPolicy: 'pin-first' })
    const first = await checking(pinning)
    expect(await gateway.ask(judge(first.lease, hostKey(1)))).toMatchObject({ body: { verdict: 'pinned' } })
    expect(await gateway.ask(judge(first.lease, hostKey(2)))).toMatchObject({ body: { verdict: 'changed' } })
    await first.over()
    expect(await gateway.ask(judge(first.lease, hostKey(3)))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await changes()).toMatchObject([{ assetId: pinning.id, fingerprint: hostKey(2).fingerprint, operatorName: 'ann' }])
    const strict = await rooms.seedAsset()
    const second = await checking(strict)
    expect(await gateway.ask(judge(second.lease, hostKey(1)))).toMatchObject({ body: { verdict: 'unknown' } })
    await second.over()
    expect(await rooms.store.db.selectFrom('hostKeys').select('place').execute()).toEqual([{ place: `asset:${pinning.id}` }])
  })
})

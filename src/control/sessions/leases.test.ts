import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { readPrivateKey } from '#ssh/private-key.ts'
import type { Ask, Probe } from '#wire/link.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { useEngine } from '../store/test-engines.ts'
import { signsPerLease } from './leases.ts'

const text = (value: string | Buffer) => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
type Blob = { user?: string; service?: string; method?: string; algorithm?: string; publicKey?: Buffer; after?: string }
/** RFC 4252 section 7. */
const authBlob = (
  key: Buffer,
  { user = 'root', service = 'ssh-connection', method = 'publickey', algorithm = 'ssh-ed25519', publicKey = key, after = '' }: Blob = {},
) =>
  Buffer.concat([
    text(Buffer.alloc(32, 7)),
    Buffer.of(50),
    text(user),
    text(service),
    text(method),
    Buffer.of(1),
    text(algorithm),
    text(publicKey),
    Buffer.from(after),
  ])

describe('credentials for a dial', () => {
  const engine = useEngine('sqlite')
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  const pair = generateKeyPairSync('ed25519')
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const key = readPrivateKey(pem)
  const sign = (lease: string, data: Buffer, algorithm = 'ssh-ed25519') => ({ ask: 'sign', lease, algorithm, data: data.toString('base64') }) as Ask
  const release = (lease: string) => ({ ask: 'release', lease }) as Ask
  const keyAsset = () => rooms.seedAsset({ kind: 'key', privateKey: pem })

  it('signs what authenticates the account, three times for a session, each in the ledger', async () => {
    const gateway = await rooms.join()
    const { session, auth } = await rooms.open(gateway, { asset: await keyAsset() })
    expect(auth).toEqual({ kind: 'key', algorithm: 'ssh-ed25519', publicKey: key.publicBlob.toString('base64') })
    const data = authBlob(key.publicBlob)
    for (let time = 0; time < signsPerLease; time += 1) {
      const { body } = await gateway.ask(sign(session, data))
      const { signature } = body as { signature: string }
      expect(verify(null, data, createPublicKey(pair.privateKey), Buffer.from(signature, 'base64'))).toBe(true)
    }
    expect(await gateway.ask(sign(session, data))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await rooms.ledger('credential.signed')).toHaveLength(signsPerLease)
    expect(await gateway.ask(release(session))).toMatchObject({ failure: { code: 'credential_missing' } })
  })

  it.each<[string, Blob]>([
    ['another user', { user: 'postgres' }],
    ['another service', { service: 'ssh-userauth' }],
    ['another method', { method: 'hostbased' }],
    ['another key', { publicKey: Buffer.concat([text('ssh-ed25519'), text(Buffer.alloc(32, 1))]) }],
    ['another algorithm than asked for', { algorithm: 'rsa-sha2-256' }],
    ['bytes after it', { after: 'x' }],
  ])('signs no blob with %s', async (_name, change) => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway, { asset: await keyAsset() })
    expect(await gateway.ask(sign(session, authBlob(key.publicBlob, change)))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await gateway.ask(sign(session, Buffer.from('sallyport.recording.v1\0{}')))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await rooms.ledger('credential.signed')).toEqual([])
    expect(await rooms.ledger('gateway.refused')).toHaveLength(2)
    expect(await gateway.ask(sign(session, authBlob(key.publicBlob)))).toMatchObject({ body: { signature: expect.any(String) as string } })
  })

  it('releases a password once, to the gateway of the session alone (GW-03)', async () => {
    const [gateway, other] = [await rooms.join(), await rooms.join()]
    const { session } = await rooms.open(gateway)
    expect(await other.ask(release(session))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await rooms.ledger('gateway.refused')).toMatchObject([{ object: session, detail: { gateway: other.id } }])
    expect(await rooms.ledger('credential.released')).toEqual([])
    expect(await gateway.ask(release(session))).toEqual({ body: { password: 'hunter2 hunter2' } })
    expect(await gateway.ask(release(session))).toMatchObject({ failure: { code: 'forbidden' } })
    const rows = await rooms.ledger('credential.released')
    expect(rows).toHaveLength(1)
    expect(JSON.stringify([...rows, ...rooms.logged])).not.toContain('hunter2')
    expect(await other.ask(sign(session, authBlob(key.publicBlob)))).toMatchObject({ failure: { code: 'forbidden' } })
  })

  it('gives for the hosts on the way of a session alone, each counted by itself', async () => {
    const gateway = await rooms.join()
    const outer = await rooms.seedAsset({ kind: 'key', privateKey: pem }, { name: 'outer' })
    const inner = await rooms.seedAsset({ kind: 'password', password: 'of the inner one' }, { name: 'inner', via: outer })
    const { session, via } = await rooms.open(gateway, { asset: await rooms.seedAsset(undefined, { via: inner }) })
    expect(via?.map((hop) => [hop.asset.name, hop.auth.kind])).toEqual([
      ['outer', 'key'],
      ['inner', 'password'],
    ])
    const data = authBlob(key.publicBlob)
    const atHop = (ask: Ask, hop: number) => gateway.ask({ ...ask, hop } as Ask)
    for (let time = 0; time < signsPerLease; time += 1)
      expect(await atHop(sign(session, data), 0)).toMatchObject({ body: { signature: expect.any(String) as string } })
    expect(await atHop(sign(session, data), 0)).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await atHop(release(session), 1)).toEqual({ body: { password: 'of the inner one' } })
    expect(await atHop(release(session), 1)).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await gateway.ask(release(session))).toEqual({ body: { password: 'hunter2 hunter2' } })
    for (const [ask, hop] of [
      [sign(session, data), 1],
      [release(session), 0],
    ] as const)
      expect(await atHop(ask, hop)).toMatchObject({ failure: { code: 'credential_missing' } })
    expect(await atHop(release(session), 2)).toMatchObject({ failure: { code: 'forbidden' } })
    const released = await rooms.ledger('credential.released')
    expect(released.map(({ detail }) => [detail['asset'], detail['hop']])).toEqual([
      [inner.id, 1],
      [expect.any(String), undefined],
    ])
    // Another account's name, or no account: the old one gives nothing.
    const second = await rooms.open(gateway, { asset: await rooms.seedAsset(undefined, { via: inner }) })
    await rooms.store.transaction((trx) => trx.updateTable('accounts').set({ username: 'toor' }).where('id', '=', inner.account).execute())
    expect(await atHop(release(second.session), 1)).toMatchObject({ failure: { code: 'credential_missing' } })
    const other = await rooms.join()
    expect(await other.ask({ ...release(second.session), hop: 0 } as Ask)).toMatchObject({ failure: { code: 'forbidden' } })
  })

  it('gives nothing once the session is live, has ended, or must end', async () => {
    const gateway = await rooms.join()
    const asset = await rooms.seedAsset()
    const live = await rooms.open(gateway, { asset })
    expect(await gateway.report({ report: 'began', session: live.session, at: rooms.clock.now })).toBeUndefined()
    const doomed = await rooms.open(gateway, { asset })
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ mustEnd: 'terminated' }).where('id', '=', doomed.session).execute())
    for (const { session } of [live, doomed]) expect(await gateway.ask(release(session))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await gateway.ask(release('se_aaaaaaaaaaaaaaaaaaaaaaaa'))).toMatchObject({ failure: { code: 'forbidden' } })
  })

  it('gives nothing under the old name of an account that was renamed, or was removed', async () => {
    const gateway = await rooms.join()
    const asset = await rooms.seedAsset()
    const { session } = await rooms.open(gateway, { asset })
    await rooms.store.transaction((trx) => trx.updateTable('accounts').set({ username: 'toor' }).where('id', '=', asset.account).execute())
    expect(await gateway.ask(release(session))).toMatchObject({ failure: { code: 'credential_missing' } })
  })

  it('serves a check to the gateway that runs it, while it runs', async () => {
    const [one, two] = [await rooms.join(), await rooms.join()]
    const target = { address: '192.0.2.9', port: 22, username: 'root' }
    const lease = rooms.checks.open({
      operator: { id: 'op', name: 'ann' },
      target,
      credential: { kind: 'password', password: new Secret('s3cret s3cret') },
      hostKeys: [],
    })
    const probe: Probe = { probe: 'check', lease: lease.id, ...target, auth: { kind: 'password' }, hostKeys: [], mayDialLoopback: false }
    const running = rooms.links.probe(probe)
    const [gateway, other, { id }] = await Promise.race([
      one.next('probe').then((heard) => [one, two, heard] as const),
      two.next('probe').then((heard) => [two, one, heard] as const),
    ])
    expect(await other.ask(release(lease.id))).toMatchObject({ failure: { code: 'forbidden' } })
    expect(await gateway.ask(release(lease.id))).toEqual({ body: { password: 's3cret s3cret' } })
    gateway.send({ type: 'probed', id, answer: { probe: 'check', steps: [] } })
    expect(await running).toEqual({ probe: 'check', steps: [] })
    expect(await gateway.ask(release(lease.id))).toMatchObject({ failure: { code: 'forbidden' } })
  })
})

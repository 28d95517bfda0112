// Whoever takes the whole database finds nothing that opens a door: SEC-01 of the threat list.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { GatewayId } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'
import { totpCode } from '../../../test/harness/totp.ts'
import { issueTicket } from '../access/tickets.ts'
import { openSharedCredential } from '../assets/credential.ts'
import { createCredential, updateCredential } from '../assets/write-credential.ts'
import { beginSetup, confirmSetup } from '../sign-in/second-factors.ts'
import { openDoor as openSshDoor } from '../sign-in/door.ts'
import { openDoor } from '../sign-in/test-door.ts'
import type { StorePlace } from '../store/open-store.ts'
import { engines, type TestEngine, useEngine } from '../store/test-engines.ts'
import { openLedgerKey } from './ledger-key.ts'
import { openVault } from './vault.ts'

const hostPassword = 'CANARY-host-password-7f3a'
const sharedPassword = 'CANARY-shared-password-3d8e'
const hostKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY-private-key-91bc\n-----END OPENSSH PRIVATE KEY-----'

describe.each(engines)('a dump of %s', (name) => {
  const engine = useEngine(name)

  it('holds no password, key, cookie, ticket or token in any common form', async () => {
    const place = await engine.makePlace()
    const store = await engine.open(place)
    const folder = engine.makeFolder()
    const vault = await openVault(store, folder)
    await openLedgerKey(store, folder)
    const door = await openDoor(store, folder, false)
    const token = door.claim.token() ?? ''
    const own = 'CANARY-own-password-55e0'
    const { cookie, operator, signInId } = await door.claim.make({ token, username: 'ann', password: new Secret(own), source: '192.0.2.1', agent: 'x' })
    await door.tryIn({ password: 'CANARY-mistyped-password-02d1' })
    await door.tryIn({ username: 'CANARY-password-as-name-c4c4' })
    const asker = await door.signIns.identify(cookie)
    if (!asker) throw new Error('not signed in')
    const { ticket } = await store.transaction((trx) => issueTicket(trx, { operator: asker.asker, signInId, body: { kind: 'shell' }, now: door.clock.now }))
    const asset = { id: 'as1', name: 'web1', address: 'h', port: 22, protocol: 'ssh', tags: '[]', createdAt: 1, lastUsedAt: null, confirmedLoopback: 0 }
    const account = (id: string, secret: string) => {
      const sealed = vault.seal({ table: 'accounts', row: id, column: 'sealed' }, new Secret(secret))
      return { id, assetId: 'as1', username: id, authKind: 'password', publicKey: null, keyAlgorithm: null, sealed, createdAt: 1 }
    }
    const rules = { store, vault, now: () => door.clock.now, listeners: [], listensOnLoopbackOnly: true }
    const actor = { operator: asker.asker, source: '192.0.2.1' }
    const shared = await createCredential(
      rules,
      { name: 'deploy', username: 'root', auth: { kind: 'password', password: 'CANARY-first-shared-password-e1' } },
      actor,
    )
    await updateCredential(rules, shared.id, { auth: { kind: 'password', password: sharedPassword } }, actor)
    const pair = await createCredential(rules, { name: 'pair', username: 'root', auth: { kind: 'generate' } }, actor)
    const opened = await openSharedCredential(vault, store.db, pair.id)
    const pem = opened.kind === 'key' ? opened.privateKey.revealText() : ''
    // RFC 8410 section 7: of the 48 bytes of an Ed25519 key in PKCS#8 the last 32 are the secret.
    const secretHalf = Buffer.from(pem.split('\n')[1] ?? '', 'base64').subarray(16)
    expect(secretHalf).toHaveLength(32)
    await store.transaction(async (trx) => {
      await trx.insertInto('assets').values(asset).execute()
      await trx
        .insertInto('accounts')
        .values([account('ac1', hostPassword), account('ac2', hostKey)])
        .execute()
    })
    const factors = { vault, random: randomBytes, machine: 'bastion' }
    const { secret: totp, uri } = await store.transaction((trx) => beginSetup(trx, factors, operator, door.clock.now))
    const code = totpCode(totp, door.clock.now)
    const recovery = (await store.transaction((trx) => confirmSetup(trx, factors, operator.id, code, door.clock.now))) ?? []
    expect(recovery).toHaveLength(10)
    const ssh = { store, passwords: door.passwords, factors, now: () => door.clock.now, webAddress: () => undefined, pushEnds: door.pushEnds }
    const atDoor = openSshDoor({ ...ssh, mustHaveSecondFactor: () => false })
    const gateway = GatewayId.parse(`gw_${'a'.repeat(24)}`)
    const doorKeys = (await atDoor.keys.read(gateway)).keys
    const waits = await atDoor.approvals.ask(gateway, { typed: 'CANARY-password-as-ssh-name-77aa', source: '192.0.2.1', client: 'x' })
    const wrong = {
      typed: 'CANARY-password-as-ssh-name-77aa',
      source: '192.0.2.1',
      client: 'x',
      proof: { by: 'password', password: 'CANARY-ssh-password-5e' },
    } as const
    expect(await atDoor.signIn.signIn(gateway, wrong)).toEqual({ state: 'refused' })
    const dump = await dumpOf(place, engine)
    // The dump is one of this database: it has what may be known.
    for (const known of [
      operator.id,
      'web1',
      vault.keyId,
      signInId,
      shared.id,
      'deploy',
      pair.auth.kind === 'key' ? (pair.auth.publicKey.split(' ')[1] ?? '') : '',
    ])
      expect(dump.includes(known), known).toBe(true)
    const keyFile =
      readFileSync(join(folder, 'keys', 'vault.key'), 'utf8')
        .split(' ')[1]
        ?.trim() ?? ''
    for (const secret of [
      'CANARY',
      hostPassword,
      hostKey,
      sharedPassword,
      cookie,
      ticket,
      token,
      keyFile,
      pem,
      secretHalf,
      totp,
      uri,
      waits.approval,
      // Of each its PKCS#8 form, and the Ed25519 one's secret half as above.
      ...doorKeys.map(({ privateKey }) => Buffer.from(privateKey.replace(/-----[^-]+-----|\n/g, ''), 'base64')),
      ...doorKeys.filter(({ type }) => type === 'ssh-ed25519').map(({ privateKey }) => Buffer.from(privateKey.split('\n')[1] ?? '', 'base64').subarray(16)),
      ...recovery,
      ...recovery.map((one) => one.replaceAll('-', '')),
    ]) {
      const raw = Buffer.from(secret)
      const bytes = secret === keyFile ? [Buffer.from(keyFile, 'base64'), raw] : [raw]
      for (const each of bytes)
        for (const form of [each, each.toString('base64').replace(/=+$/, ''), each.toString('base64url'), each.toString('hex')])
          expect(dump.includes(form), `${String(secret).slice(0, 10)} as ${String(form).slice(0, 20)}`).toBe(false)
    }
  })
})

/** Every byte that lies in the files of SQLite; of PostgreSQL what pg_dump writes. */
async function dumpOf(place: StorePlace, engine: TestEngine): Promise<Buffer> {
  if ('databaseUrl' in place) {
    const dump = await promisify(execFile)(join(engine.postgres().binFolder, 'pg_dump'), ['--inserts', place.databaseUrl], { maxBuffer: 1 << 26 })
    return Buffer.from(dump.stdout)
  }
  const folder = dirname(place.sqliteFile)
  return Buffer.concat(readdirSync(folder).map((file) => readFileSync(join(folder, file))))
}

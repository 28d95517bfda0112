// Whoever takes the whole database finds nothing that opens a door: SEC-01 of the threat list.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { issueTicket } from '../access/tickets.ts'
import { openDoor } from '../sign-in/test-door.ts'
import type { StorePlace } from '../store/open-store.ts'
import { engines, type TestEngine, useEngine } from '../store/test-engines.ts'
import { openLedgerKey } from './ledger-key.ts'
import { openVault } from './vault.ts'

const hostPassword = 'CANARY-host-password-7f3a'
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
    await store.transaction(async (trx) => {
      await trx.insertInto('assets').values(asset).execute()
      await trx
        .insertInto('accounts')
        .values([account('ac1', hostPassword), account('ac2', hostKey)])
        .execute()
    })
    const dump = await dumpOf(place, engine)
    // The dump is one of this database: it has what may be known.
    for (const known of [operator.id, 'web1', vault.keyId, signInId]) expect(dump.includes(known), known).toBe(true)
    const keyFile =
      readFileSync(join(folder, 'keys', 'vault.key'), 'utf8')
        .split(' ')[1]
        ?.trim() ?? ''
    for (const secret of ['CANARY', hostPassword, hostKey, cookie, ticket, token, keyFile]) {
      const raw = Buffer.from(secret)
      const bytes = secret === keyFile ? [Buffer.from(keyFile, 'base64'), raw] : [raw]
      for (const each of bytes)
        for (const form of [each, each.toString('base64').replace(/=+$/, ''), each.toString('base64url'), each.toString('hex')])
          expect(dump.includes(form), `${secret.slice(0, 10)} as ${String(form).slice(0, 20)}`).toBe(false)
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

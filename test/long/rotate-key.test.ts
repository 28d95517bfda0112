// The large count of `test/rotate-key.test.ts`: many secrets, the command killed at random moments again and again, on both databases.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { sharedSecretPlace } from '../../src/control/assets/parts.ts'
import { openStore, type Store, type StorePlace } from '../../src/control/store/open-store.ts'
import { type LiveVault, openVault } from '../../src/control/vault/vault.ts'
import { startPostgres } from '../harness/postgres.ts'
import { checkout } from '../harness/product.ts'
import { makeTempFolder } from '../harness/temp-folder.ts'

const secrets = 3000
const rounds = 60
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

it.each(['sqlite', 'postgres'] as const)('opens every secret after each of sixty kills: %s', async (engine) => {
  const folder = await makeTempFolder('rotations')
  const control = path.join(folder.path, 'control')
  const server = engine === 'postgres' ? await startPostgres() : undefined
  const place: StorePlace = server ? { databaseUrl: await server.makeDatabase() } : { sqliteFile: path.join(control, 'sallyport.db') }
  const store = await openStore(place, silent)
  try {
    await fill(store, await openVault(store, control))
    const run = async (killAfterMs?: number) => {
      const flags = ['admin', 'rotate-key', '--data', folder.path]
      const database = 'databaseUrl' in place ? { SALLYPORT_DATABASE: place.databaseUrl } : {}
      const child = spawn(process.execPath, [path.join(checkout, 'bin', 'sallyport.mjs'), ...flags], {
        cwd: folder.path,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, ...database },
        stdio: 'ignore',
      })
      const closed = once(child, 'close')
      const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      await closed
      clearTimeout(timer)
      return child.exitCode
    }
    let killed = 0
    for (let round = 0; round < rounds; round += 1) {
      if ((await run(randomInt(250, 2500))) === null) killed += 1
      await opensAll(store, await openVault(store, control))
    }
    process.stdout.write(`${engine}: ${killed} of ${rounds} were killed on their way\n`)
    expect(killed).toBeGreaterThan(rounds / 4)
    expect(await run()).toBe(0)
    const vault = await openVault(store, control)
    await opensAll(store, vault)
    const texts = await store.db.selectFrom('credentials').select('sealed').execute()
    expect(texts.filter(({ sealed }) => !sealed?.startsWith(`v2.${vault.keyId}.`))).toEqual([])
    expect(readdirSync(path.join(control, 'keys')).filter((name) => name.endsWith('.key'))).toHaveLength(1)
  } finally {
    await store.close()
    await server?.stop()
    await folder.remove()
  }
})

const rowOf = (index: number) => `cr_${String(index).padStart(5, '0')}`

async function fill(store: Store, vault: LiveVault): Promise<void> {
  const facts = { username: 'root', authKind: 'password', publicKey: null, keyAlgorithm: null, createdAt: 1, rotatedAt: 1 }
  await store.transaction(async (trx) => {
    for (let index = 0; index < secrets; index += 1) {
      const id = rowOf(index)
      const sealed = vault.seal(sharedSecretPlace(id), new Secret(`secret ${index}`))
      await trx
        .insertInto('credentials')
        .values({ ...facts, id, name: id, sealed })
        .execute()
    }
  })
}

async function opensAll(store: Store, vault: LiveVault): Promise<void> {
  const rows = await store.db.selectFrom('credentials').select(['id', 'sealed']).orderBy('id').execute()
  const opened = rows.map(({ id, sealed }) => vault.unseal(sharedSecretPlace(id), sealed ?? '').revealText())
  expect(opened).toEqual(Array.from({ length: secrets }, (_each, index) => `secret ${index}`))
}

import { existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { secretPlace, sharedSecretPlace } from '../assets/parts.ts'
import { listLedger } from '../audit/ledger.ts'
import type { Store } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { beat, leave } from './replicas.ts'
import { rotateKey, type RotationParts } from './rotate-key.ts'
import { currentKeyId, type LiveVault, openVault } from './vault.ts'

const accounts = 23
const factorPlace = { table: 'secondFactors', row: 'op_1', column: 'sealed' }
const wait = { withinMs: 2000, deadAfterMs: 300, everyMs: 20 }

describe.each(engines)('a rotation of the vault key on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => {
    const store = await engine.open()
    const folder = engine.makeFolder()
    const vault = await openVault(store, folder)
    await fill(store, vault)
    const said: string[] = []
    const parts: RotationParts = { store, dataFolder: folder, now: () => 7, say: (line) => said.push(line), wait, rowsAtOnce: 5 }
    return { store, folder, vault, said, parts, keys: join(folder, 'keys') }
  }

  it('seals everything anew with a key of its own file, and puts the old one away', async () => {
    const { store, folder, vault, parts, keys, said } = await start()
    const before = await sealedTexts(store)
    const { from, to } = await rotateKey({ ...parts, by: 'ada' })
    expect([from, to === from]).toEqual([vault.keyId, false])
    expect(readdirSync(keys).toSorted()).toEqual(['retired', `vault-${to}.key`].toSorted())
    expect(readdirSync(join(keys, 'retired'))).toEqual([`vault-${from}.key`])
    for (const path of [`vault-${to}.key`, `retired/vault-${from}.key`]) expect((statSync(join(keys, path)).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(join(keys, 'retired')).mode & 0o777).toString(8)).toBe('700')
    const after = await sealedTexts(store)
    expect(after).toHaveLength(before.length)
    expect(after.every((text) => text.startsWith(`v2.${to}.`))).toBe(true)
    // Nothing of the old texts is kept: not their data keys either.
    for (const part of before.flatMap((text) => text.split('.').slice(2))) expect(after.some((text) => text.includes(part))).toBe(false)
    await opens(store, await openVault(store, folder))
    expect(said.join('\n')).toContain(`The vault key is ${to}`)
    expect(said.join('\n')).toContain(`${accounts + 2} of ${accounts + 2} secrets sealed anew`)
    const rows = (await listLedger(store.db)).filter(({ code }) => code === 'vault.key_rotated')
    expect(rows.map(({ object, source, detail }) => [object, source, JSON.parse(detail ?? '')])).toEqual([
      [to, 'command line', { step: 'current', from, by: 'ada' }],
      [to, 'command line', { step: 'retired', from, texts: accounts + 2, by: 'ada' }],
    ])
    expect((await rotateKey(parts)).from).toBe(to)
    await opens(store, await openVault(store, folder))
  })

  it('is refused by the database for whoever seals with the old key afterwards', async () => {
    const { store, vault, parts } = await start()
    const late = vault.seal(secretPlace('ac_1'), new Secret('late'))
    await rotateKey(parts)
    const write = store.transaction((trx) => trx.updateTable('accounts').set({ sealed: late }).where('id', '=', 'ac_1').execute())
    await expect(write).rejects.toThrow('retired')
    const make = store.transaction((trx) =>
      trx
        .insertInto('credentials')
        .values({ ...credential('cr_2', 'two'), sealed: late })
        .execute(),
    )
    await expect(make).rejects.toThrow('retired')
  })

  it('goes on from every point at which it was killed, and everything opens at each of them', async () => {
    const { store, folder, parts, keys } = await start()
    const ends: string[] = []
    for (let point = 0; ; point += 1) {
      expect(point).toBeLessThan(60)
      const killed = await rotateKey({ ...parts, store: killedAt(store, point) }).then(
        () => undefined,
        (error: unknown) => String(error),
      )
      const current = await openVault(store, folder)
      await opens(store, current)
      const done = await rotateKey(parts)
      const vault = await openVault(store, folder)
      expect(vault.keyId).toBe(done.to)
      await opens(store, vault)
      expect((await sealedTexts(store)).every((text) => text.startsWith(`v2.${done.to}.`))).toBe(true)
      expect(readdirSync(keys).filter((file) => file.endsWith('.key'))).toEqual([`vault-${done.to}.key`])
      if (killed === undefined) break
      expect(killed).toContain('killed')
      ends.push(done.from)
    }
    // The announcement, the change, some batches, the end: before and after each commit.
    expect(ends.length).toBeGreaterThan(12)
  }, 60_000)

  it('makes another key when a kill has left the name of one without its file', async () => {
    const { store, folder, parts } = await start()
    await store.transaction((trx) => trx.insertInto('vaultKeys').values({ id: 'vk1_cccccccccccccccc', state: 'next', changedAt: 1 }).execute())
    expect((await openVault(store, folder)).keyId).not.toBe('vk1_cccccccccccccccc')
    const { to } = await rotateKey(parts)
    expect(to).not.toBe('vk1_cccccccccccccccc')
    expect(await store.db.selectFrom('vaultKeys').select('state').execute()).toEqual([{ state: 'retired' }])
    await opens(store, await openVault(store, folder))
  })

  it('keeps what another has written just before any of its commits, with the key of before', async () => {
    const { store, folder, parts } = await start()
    const place = secretPlace('ac_7')
    let isReached = true
    for (let point = 0; isReached; point += 1) {
      expect(point).toBeLessThan(40)
      isReached = false
      // Knows of no rotation: what a slow control does.
      const slow = await openVault(store, folder)
      let commits = 0
      const raced: Store = {
        ...store,
        async transaction(work) {
          if (commits === point) {
            isReached = true
            const sealed = slow.seal(place, new Secret(`written ${point}`))
            await store.transaction((trx) => trx.updateTable('accounts').set({ sealed }).where('id', '=', 'ac_7').execute())
          }
          commits += 1
          return await store.transaction(work)
        },
      }
      const { to } = await rotateKey({ ...parts, store: raced })
      if (!isReached) break
      const { sealed } = await store.db.selectFrom('accounts').select('sealed').where('id', '=', 'ac_7').executeTakeFirstOrThrow()
      const vault = await openVault(store, folder)
      expect(vault.keyId).toBe(to)
      expect(vault.unseal(place, sealed ?? '').revealText()).toBe(`written ${point}`)
    }
  }, 60_000)

  it('loses no secret that is written meanwhile, with either key', async () => {
    const { store, folder, vault, parts } = await start()
    const replica = { store, vault, id: 'here', name: 'here', now: () => 7 }
    let beating = true
    let written = 0
    const beats = (async () => {
      for (; beating; await pause(10)) await beat(replica)
    })()
    const writes = (async () => {
      for (; beating; await pause(1)) {
        const row = written % accounts
        await store.transaction((trx) =>
          trx
            .updateTable('accounts')
            .set({ sealed: vault.seal(secretPlace(`ac_${row}`), new Secret(`secret ${row}`)) })
            .where('id', '=', `ac_${row}`)
            .execute(),
        )
        written += 1
        await opens(store, vault)
      }
    })()
    try {
      for (let round = 0; round < 3; round += 1) await rotateKey(parts)
    } finally {
      beating = false
      await Promise.all([beats, writes])
    }
    expect(written).toBeGreaterThan(3)
    const fresh = await openVault(store, folder)
    expect(vault.keyId).toBe(fresh.keyId)
    await opens(store, fresh)
  }, 60_000)

  it('is refused, naming it, while a live control does not have the new key, and goes on when it has', async () => {
    const { store, vault, parts, folder } = await start()
    const elsewhere = engine.makeFolder()
    await beat({ store, vault, id: 'one', name: 'bastion-1', now: () => 7 })
    const row = { id: 'two', name: 'bastion-2', keyIds: JSON.stringify([vault.keyId]), currentKey: vault.keyId, problem: null, beat: 1, lastBeatAt: 7 }
    await store.transaction((trx) => trx.insertInto('controlReplicas').values(row).execute())
    let has: string[] = [vault.keyId]
    let beats = 1
    let beating = true
    const living = (async () => {
      for (; beating; await pause(20)) {
        await beat({ store, vault, id: 'one', name: 'bastion-1', now: () => 7 })
        beats += 1
        const facts = has.length > 1 ? { problem: null, currentKey: (await currentKeyId(store.db)) ?? '' } : { problem: 'vault.key may be read by others' }
        await store.transaction((trx) =>
          trx
            .updateTable('controlReplicas')
            .set({ ...facts, beat: beats, keyIds: JSON.stringify(has) })
            .where('id', '=', 'two')
            .execute(),
        )
      }
    })()
    try {
      const refusal = await rotateKey({ ...parts, wait: { ...wait, withinMs: 800 } }).catch(String)
      expect(refusal).toMatch(
        /nothing was rotated: control on bastion-2 \(vault.key may be read by others\) does not have the new vault key (vk1_\w{16}). Copy /,
      )
      expect(refusal).not.toContain('bastion-1')
      const next = /new vault key (vk1_\w{16})/.exec(String(refusal))?.[1] ?? ''
      expect((await openVault(store, folder)).keyId).toBe(vault.keyId)
      expect((await sealedTexts(store)).every((text) => text.startsWith(`v2.${vault.keyId}.`))).toBe(true)
      has = [vault.keyId, next]
      expect((await rotateKey(parts)).to).toBe(next)
    } finally {
      beating = false
      await living
    }
    expect(existsSync(elsewhere)).toBe(true)
  }, 30_000)

  it('keeps the old key, when it goes on after a kill, until every live control seals with the new one', async () => {
    const { store, vault, parts } = await start()
    const slow = { id: 'slow', name: 'bastion-3', currentKey: vault.keyId, problem: null, beat: 1, lastBeatAt: 7 }
    await expect(rotateKey({ ...parts, store: killedAt(store, 7) })).rejects.toThrow('killed')
    expect(await store.db.selectFrom('vaultKeys').select('state').execute()).toEqual([{ state: 'leaving' }])
    await store.transaction((trx) =>
      trx
        .insertInto('controlReplicas')
        .values({ ...slow, keyIds: '[]' })
        .execute(),
    )
    let beating = true
    const living = (async () => {
      for (let beats = 2; beating; beats += 1) {
        await store.transaction((trx) => trx.updateTable('controlReplicas').set({ beat: beats }).execute())
        await pause(20)
      }
    })()
    try {
      await expect(rotateKey({ ...parts, wait: { ...wait, withinMs: 800 } })).rejects.toThrow('the old vault key is kept: control on bastion-3 still seals')
      expect(await store.db.selectFrom('vaultKeys').select('state').execute()).toEqual([{ state: 'leaving' }])
    } finally {
      beating = false
      await living
    }
    await store.transaction((trx) => trx.deleteFrom('controlReplicas').execute())
    expect((await rotateKey(parts)).from).toBe(vault.keyId)
  })

  it('does not wait for a control that has died or left', async () => {
    const { store, vault, parts } = await start()
    const dead = { id: 'dead', name: 'bastion-9', keyIds: '[]', currentKey: vault.keyId, problem: null, beat: 1, lastBeatAt: 7 }
    await beat({ store, vault, id: 'gone', name: 'gone', now: () => 7 })
    await leave({ store, id: 'gone' })
    await store.transaction((trx) => trx.insertInto('controlReplicas').values(dead).execute())
    expect((await rotateKey(parts)).from).toBe(vault.keyId)
  })

  it('names what does not open, keeps the old key, and ends when that is gone', async () => {
    const { store, vault, parts, keys, folder } = await start()
    const moved = await store.db.selectFrom('accounts').select('sealed').where('id', '=', 'ac_1').executeTakeFirstOrThrow()
    await store.transaction((trx) => trx.updateTable('accounts').set(moved).where('id', '=', 'ac_2').execute())
    expect(await rotateKey(parts).catch(String)).toContain('1 sealed secrets do not open: accounts ac_2.')
    expect(existsSync(join(keys, 'vault.key'))).toBe(true)
    await openVault(store, folder)
    await store.transaction((trx) => trx.updateTable('accounts').set({ sealed: null }).where('id', '=', 'ac_2').execute())
    expect((await rotateKey(parts)).from).toBe(vault.keyId)
    expect(existsSync(join(keys, 'vault.key'))).toBe(false)
  })

  it('is followed by a control that has been asked to seal or open in between, and told of by one that cannot', async () => {
    const { store, vault, parts, keys } = await start()
    const { to } = await rotateKey(parts)
    await opens(store, vault)
    await beat({ store, vault, id: 'here', name: 'here', now: () => 7 })
    expect(vault.keyId).toBe(to)
    writeFileSync(join(keys, 'vault-vk1_dddddddddddddddd.key'), 'no key', { mode: 0o600 })
    await expect(beat({ store, vault, id: 'here', name: 'here', now: () => 7 })).rejects.toThrow('is not a vault key')
    const row = await store.db.selectFrom('controlReplicas').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ currentKey: to, beat: 2 })
    expect(row.problem).toContain('is not a vault key')
    renameSync(join(keys, 'vault-vk1_dddddddddddddddd.key'), join(keys, 'elsewhere'))
  })
})

const credential = (id: string, title: string) => ({
  id,
  name: title,
  username: 'root',
  authKind: 'password',
  publicKey: null,
  keyAlgorithm: null,
  createdAt: 1,
  rotatedAt: 1,
})

async function fill(store: Store, vault: LiveVault): Promise<void> {
  const asset = { id: 'as1', name: 'web1', address: 'h', port: 22, protocol: 'ssh', tags: '[]', createdAt: 1, lastUsedAt: null, confirmedLoopback: 0 }
  const operator = { id: 'op_1', username: 'ada', name: 'ada', role: 'admin', mayWatch: 1, enabled: 1, passwordHash: '', createdAt: 1 }
  await store.transaction(async (trx) => {
    await trx.insertInto('operators').values(operator).execute()
    await trx
      .insertInto('secondFactors')
      .values({ operatorId: 'op_1', sealed: vault.seal(factorPlace, new Secret('factor')), createdAt: 1, confirmedAt: null, lastStep: 0 })
      .execute()
    await trx.insertInto('assets').values(asset).execute()
    const own = { assetId: 'as1', authKind: 'password', publicKey: null, keyAlgorithm: null, createdAt: 1 }
    for (let row = 0; row < accounts; row += 1)
      await trx
        .insertInto('accounts')
        .values({ ...own, id: `ac_${row}`, username: `u${row}`, sealed: vault.seal(secretPlace(`ac_${row}`), new Secret(`secret ${row}`)) })
        .execute()
    await trx
      .insertInto('credentials')
      .values({ ...credential('cr_1', 'one'), sealed: vault.seal(sharedSecretPlace('cr_1'), new Secret('shared')) })
      .execute()
  })
}

/** Every secret that was put in comes out. */
async function opens(store: Store, vault: LiveVault): Promise<void> {
  const rows = await store.db.selectFrom('accounts').select(['id', 'sealed']).execute()
  expect(rows).toHaveLength(accounts)
  for (const { id, sealed } of rows) expect(vault.unseal(secretPlace(id), sealed ?? '').revealText()).toBe(`secret ${id.slice(3)}`)
  const shared = await store.db.selectFrom('credentials').select('sealed').executeTakeFirstOrThrow()
  expect(vault.unseal(sharedSecretPlace('cr_1'), shared.sealed ?? '').revealText()).toBe('shared')
  const factor = await store.db.selectFrom('secondFactors').select('sealed').executeTakeFirstOrThrow()
  expect(vault.unseal(factorPlace, factor.sealed).revealText()).toBe('factor')
}

async function sealedTexts(store: Store): Promise<string[]> {
  const own = await store.db.selectFrom('accounts').select('sealed').where('sealed', 'is not', null).execute()
  const shared = await store.db.selectFrom('credentials').select('sealed').execute()
  const factors = await store.db.selectFrom('secondFactors').select('sealed').execute()
  return [...own, ...shared, ...factors].map(({ sealed }) => sealed ?? '')
}

/** The same database, for a process that dies just before (even) or just after (odd) one of its commits. */
function killedAt(store: Store, point: number): Store {
  let commits = 0
  return {
    ...store,
    async transaction(work) {
      const own = commits
      commits += 1
      if (own * 2 >= point && point % 2 === 0) throw new Error('killed before a commit')
      const result = await store.transaction(work)
      if (own * 2 + 1 >= point) throw new Error('killed after a commit')
      return result
    },
  }
}

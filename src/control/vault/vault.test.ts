import { createCipheriv, createDecipheriv } from 'node:crypto'
import { chmodSync, copyFileSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { makeVault, openVault, sealCheck, type SealedPlace } from './vault.ts'

const place: SealedPlace = { table: 'accounts', row: 'ac_1', column: 'sealed' }
const key = new Uint8Array(32).fill(7)

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('vault', () => {
  const vault = makeVault(key)

  it.each(['', 'hunter2', '密码 🔑', 'x'.repeat(32_768)])('gives back what was sealed: %.10s', (text) => {
    expect(vault.unseal(place, vault.seal(place, new Secret(text))).revealText()).toBe(text)
  })

  it('gives back bytes that are no text', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_each, index) => index)
    expect(Buffer.from(vault.unseal(place, vault.seal(place, new Secret(bytes))).reveal())).toEqual(Buffer.from(bytes))
  })

  it('seals the same secret differently each time (SEC-04)', () => {
    const sealed = new Set(Array.from({ length: 200 }, () => vault.seal(place, new Secret('same'))))
    expect(sealed.size).toBe(200)
    for (const part of [2, 3, 4, 5]) expect(new Set([...sealed].map((text) => text.split('.')[part])).size).toBe(200)
  })

  it('opens a secret only in the row, column and table where it was sealed (SEC-03)', () => {
    const sealed = vault.seal(place, new Secret('root'))
    for (const elsewhere of [
      { ...place, row: 'ac_2' },
      { ...place, column: 'passphrase' },
      { ...place, table: 'credentials' },
      { table: 'accounts', row: 'ac_1","sealed', column: '' },
    ])
      expect(() => vault.unseal(elsewhere, sealed)).toThrow('does not open')
  })

  it('opens nothing when any bit was flipped, with the same words for each (SEC-03)', () => {
    const sealed = vault.seal(place, new Secret('root'))
    const parts = sealed.split('.')
    const [, , wrapNonce, wrapped, nonce, body = ''] = parts
    expect([wrapNonce, wrapped, nonce].map((part = '') => Buffer.from(part, 'base64url').length)).toEqual([12, 48, 12])
    const said = new Set<string>()
    const flip = (text: string, bit: number) => {
      const bytes = Buffer.from(text, 'base64url')
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return bytes.toString('base64url')
    }
    const flipped = [2, 3, 4, 5].flatMap((part) =>
      Array.from({ length: Buffer.from(parts[part] ?? '', 'base64url').length * 8 }, (_each, bit) => parts.with(part, flip(parts[part] ?? '', bit)).join('.')),
    )
    const other = vault.seal(place, new Secret('root')).split('.')
    const altered = [
      ...flipped,
      // The data key of one text, the ciphertext of another.
      [...parts.slice(0, 4), ...other.slice(4)].join('.'),
      [...parts.slice(0, 2), ...parts.slice(4), ...parts.slice(2, 4)].join('.'),
      // The same bytes, written otherwise.
      ...[
        `${sealed}=`,
        sealed.slice(0, -1) + (alphabet[alphabet.indexOf(sealed.at(-1) ?? '') ^ 1] ?? ''),
        '',
        'v2',
        sealed.slice(0, -1),
        `${sealed}.`,
        `${sealed}A`,
        sealed.replace('v2.', 'v1.'),
        sealed.replace('v2.', 'v3.'),
        sealed.replace('vk1_', 'vk1_a'),
        [...parts.slice(0, 5), ''].join('.'),
        [...parts.slice(0, 2), ...parts.slice(4)].join('.'),
        [...parts.slice(0, 2), ...parts.slice(4)].join('.').replace('v2.', 'v1.'),
      ],
    ]
    for (const text of altered) {
      try {
        vault.unseal(place, text)
        said.add(`opened: ${text}`)
      } catch (error) {
        said.add(String(error))
      }
    }
    expect([...said]).toHaveLength(1)
    expect([...said][0]).toMatch(/does not open with the vault key vk1_/)
    expect([...said][0]).not.toContain(body.slice(0, 8))
  })

  it('gives each secret a data key of its own, of which the vault key alone knows', () => {
    const dataKeys = Array.from({ length: 20 }, () => {
      const [, , nonce, wrapped] = vault
        .seal(place, new Secret('same'))
        .split('.')
        .map((part) => Buffer.from(part, 'base64url'))
      const opener = createDecipheriv('aes-256-gcm', key, nonce ?? Buffer.alloc(0))
      opener.setAAD(Buffer.from(JSON.stringify(['sallyport.sealed.v2', 'key', vault.keyId, 'accounts', 'ac_1', 'sealed'])))
      opener.setAuthTag(wrapped?.subarray(32) ?? Buffer.alloc(0))
      return Buffer.concat([opener.update(wrapped?.subarray(0, 32) ?? Buffer.alloc(0)), opener.final()]).toString('hex')
    })
    expect(new Set(dataKeys).size).toBe(20)
    expect(dataKeys).not.toContain(Buffer.from(key).toString('hex'))
  })

  it('opens what a version before it sealed with the vault key itself, in its own place', () => {
    const nonce = Buffer.alloc(12, 3)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(Buffer.from(JSON.stringify(['sallyport.sealed.v1', vault.keyId, 'accounts', 'ac_1', 'sealed'])))
    const body = Buffer.concat([cipher.update('hunter2'), cipher.final(), cipher.getAuthTag()])
    const old = `v1.${vault.keyId}.${nonce.toString('base64url')}.${body.toString('base64url')}`
    expect(vault.unseal(place, old).revealText()).toBe('hunter2')
    expect(() => vault.unseal({ ...place, row: 'ac_2' }, old)).toThrow('does not open')
    expect(vault.seal(place, new Secret('hunter2')).startsWith(`v2.${vault.keyId}.`)).toBe(true)
  })

  it('opens nothing that another key has sealed', () => {
    const other = makeVault(new Uint8Array(32).fill(8))
    expect(other.keyId).not.toBe(vault.keyId)
    const sealed = other.seal(place, new Secret('root'))
    expect(() => vault.unseal(place, sealed)).toThrow('does not open')
    expect(() => vault.unseal(place, sealed.replace(other.keyId, vault.keyId))).toThrow('does not open')
  })

  it('is the only file of control that deciphers anything', () => {
    const folder = join(import.meta.dirname, '..')
    const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !file.includes('test'))
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter((file) => readFileSync(join(folder, file), 'utf8').includes('createDecipher'))).toEqual(['vault/sealed-text.ts'])
  })

  it('tells its key to nobody who prints it', () => {
    expect(inspect(vault, { depth: 10, showHidden: true })).not.toContain(Buffer.from(key).toString('base64').slice(0, 10))
    expect(inspect(vault.unseal(place, vault.seal(place, new Secret('canary'))), { depth: 10 })).toBe('[secret]')
  })
})

describe.each(engines)('vault key beside %s', (name) => {
  const engine = useEngine(name)
  const start = async () => {
    const store = await engine.open()
    const folder = engine.makeFolder()
    const vault = await openVault(store, folder)
    return { store, folder, vault, file: join(folder, 'keys', 'vault.key') }
  }

  it('is made once, for its owner alone, and found again', async () => {
    const { store, folder, vault, file } = await start()
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(join(folder, 'keys')).mode & 0o777).toString(8)).toBe('700')
    const sealed = vault.seal(place, new Secret('root'))
    const again = await openVault(store, folder)
    expect(again.keyId).toBe(vault.keyId)
    expect(again.unseal(place, sealed).revealText()).toBe('root')
    expect(JSON.stringify(await store.db.selectFrom('settings').selectAll().execute())).not.toContain(readFileSync(file, 'utf8').split(' ')[1]?.trim())
  })

  it('is named when it is missing, and no other is made in its place', async () => {
    const { store, folder, vault, file } = await start()
    renameSync(file, `${file}.away`)
    await expect(openVault(store, folder)).rejects.toThrow(`the vault key ${vault.keyId} is missing`)
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
    renameSync(`${file}.away`, file)
    expect((await openVault(store, folder)).keyId).toBe(vault.keyId)
  })

  it('is named when another one lies there, and nothing is changed', async () => {
    const { store, folder, vault, file } = await start()
    const other = await start()
    const before = await store.db.selectFrom('settings').selectAll().orderBy('name').execute()
    copyFileSync(other.file, file)
    await expect(openVault(store, folder)).rejects.toThrow(new RegExp(`${vault.keyId}.*holds ${other.vault.keyId}`))
    expect(await store.db.selectFrom('settings').selectAll().orderBy('name').execute()).toEqual(before)
    expect(readFileSync(file)).toEqual(readFileSync(other.file))
  })

  it('is asked for by sealed accounts too, when the check has been lost', async () => {
    const { store, folder, vault, file } = await start()
    const asset = { id: 'as1', name: 'web1', address: 'h', port: 22, protocol: 'ssh', tags: '[]', createdAt: 1, lastUsedAt: null, confirmedLoopback: 0 }
    const sealed = vault.seal(place, new Secret('root'))
    const account = { id: 'ac_1', assetId: 'as1', username: 'root', authKind: 'password', publicKey: null, keyAlgorithm: null, sealed, createdAt: 1 }
    await store.transaction(async (trx) => {
      await trx.deleteFrom('settings').execute()
      await trx.insertInto('assets').values(asset).execute()
      await trx.insertInto('accounts').values(account).execute()
    })
    rmSync(file)
    await expect(openVault(store, folder)).rejects.toThrow(vault.keyId)
  })

  it('may lie under its own name, beside one that no secret needs', async () => {
    const { store, folder, vault, file } = await start()
    const other = await start()
    renameSync(file, join(folder, 'keys', `vault-${vault.keyId}.key`))
    copyFileSync(other.file, file)
    expect((await openVault(store, folder)).keyId).toBe(vault.keyId)
    renameSync(file, join(folder, 'keys', `vault-vk1_aaaaaaaaaaaaaaaa.key`))
    await expect(openVault(store, folder)).rejects.toThrow(`holds the vault key ${other.vault.keyId}, not the one in its name`)
  })

  it('is asked for while a rotation is half way and texts still need the old one, and only then', async () => {
    const { store, folder, vault, file } = await start()
    const sealed = vault.seal({ table: 'credentials', row: 'cr_1', column: 'sealed' }, new Secret('root'))
    const credential = {
      id: 'cr_1',
      name: 'one',
      username: 'root',
      authKind: 'password',
      publicKey: null,
      keyAlgorithm: null,
      sealed,
      createdAt: 1,
      rotatedAt: 1,
    }
    const next = makeVault(new Uint8Array(32).fill(9))
    const path = join(folder, 'keys', `vault-${next.keyId}.key`)
    writeFileSync(path, `sallyport-vault-key-1 ${Buffer.alloc(32, 9).toString('base64')}\n`, { mode: 0o600 })
    await store.transaction(async (trx) => {
      await trx.insertInto('credentials').values(credential).execute()
      await trx
        .updateTable('settings')
        .set({ value: sealCheck(next) })
        .where('name', '=', 'vault.keyCheck')
        .execute()
      await trx.insertInto('vaultKeys').values({ id: vault.keyId, state: 'leaving', changedAt: 1 }).execute()
    })
    const both = await openVault(store, folder)
    expect(both.keyId).toBe(next.keyId)
    expect(both.unseal({ table: 'credentials', row: 'cr_1', column: 'sealed' }, sealed).revealText()).toBe('root')
    renameSync(file, `${file}.away`)
    await expect(openVault(store, folder)).rejects.toThrow(new RegExp(`the vault key ${vault.keyId} is missing, and some secrets.*holds ${next.keyId}`))
    mkdirSync(join(folder, 'keys', 'retired'))
    renameSync(`${file}.away`, join(folder, 'keys', 'retired', `vault-${vault.keyId}.key`))
    await expect(openVault(store, folder)).rejects.toThrow(/It lies in .*retired: move it back/)
    await store.transaction((trx) => trx.deleteFrom('credentials').execute())
    expect((await openVault(store, folder)).keyId).toBe(next.keyId)
    renameSync(path, `${path}.away`)
    await expect(openVault(store, folder)).rejects.toThrow(`the vault key ${next.keyId} is missing`)
  })

  it('stops nobody when one text names a key that never was', async () => {
    const { store, folder, vault } = await start()
    const credential = { id: 'cr_1', name: 'one', username: 'root', authKind: 'password', publicKey: null, keyAlgorithm: null, createdAt: 1, rotatedAt: 1 }
    await store.transaction((trx) =>
      trx
        .insertInto('credentials')
        .values({ ...credential, sealed: 'v2.vk1_bbbbbbbbbbbbbbbb.a.b.c.d' })
        .execute(),
    )
    expect((await openVault(store, folder)).keyId).toBe(vault.keyId)
  })

  it.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['something else', () => '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ])('is refused when it is %s', async (_what, spoil) => {
    const { store, folder, file } = await start()
    writeFileSync(file, spoil(readFileSync(file, 'utf8')))
    await expect(openVault(store, folder)).rejects.toThrow('is not a vault key')
  })

  it('is refused when others may read it', async () => {
    const { store, folder, file } = await start()
    chmodSync(file, 0o640)
    await expect(openVault(store, folder)).rejects.toThrow(/may be read by others \(mode 640\).*chmod 600/)
  })

  it('is one key when two start at once', async () => {
    const store = await engine.open()
    const folder = engine.makeFolder()
    const [one, other] = await Promise.all([openVault(store, folder), openVault(store, folder)])
    expect(one.keyId).toBe(other.keyId)
  })
})

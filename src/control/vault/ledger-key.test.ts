import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useEngine } from '../store/test-engines.ts'
import { fingerprintOf, openLedgerKey } from './ledger-key.ts'

describe('ledger key', () => {
  const engine = useEngine('sqlite')
  const start = async () => {
    const store = await engine.open()
    const folder = engine.makeFolder()
    return { store, folder, file: join(folder, 'keys', 'ledger.key'), key: await openLedgerKey(store, folder) }
  }

  it('signs what its public key verifies, now and after a restart', async () => {
    const { store, folder, key, file } = await start()
    const bytes = Buffer.from('head')
    const publicKey = createPublicKey(key.publicPem)
    expect(verify(null, bytes, publicKey, key.sign(bytes))).toBe(true)
    expect(verify(null, Buffer.from('heaD'), publicKey, key.sign(bytes))).toBe(false)
    const again = await openLedgerKey(store, folder)
    expect(again.fingerprint).toBe(key.fingerprint)
    expect(verify(null, bytes, publicKey, again.sign(bytes))).toBe(true)
    expect(fingerprintOf(publicKey)).toBe(key.fingerprint)
    expect(key.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
  })

  it('is named when it is missing, and no other is made in its place', async () => {
    const { store, folder, key, file } = await start()
    rmSync(file)
    const refusal = await openLedgerKey(store, folder).catch(String)
    expect(refusal).toContain(`the ledger key ${key.fingerprint} is missing`)
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('is named when another one lies there', async () => {
    const { store, folder, key, file } = await start()
    writeFileSync(file, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
    expect(await openLedgerKey(store, folder).catch(String)).toContain(`signed with the key ${key.fingerprint}`)
  })

  it.each([
    ['cut off', '-----BEGIN PRIVATE KEY-----\nMC4CAQ'],
    ['of another kind', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('is refused when it is %s, without quoting it', async (_what, text) => {
    const { store, folder, file } = await start()
    writeFileSync(file, text)
    const refusal = await openLedgerKey(store, folder).catch(String)
    expect(refusal).toContain('is not an Ed25519 key')
    expect(refusal).not.toContain('MC4CAQ')
  })
})

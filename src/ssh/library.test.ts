import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertKnownLibrary, cryptoInUse, cryptoReason } from './library.ts'
import { findNativeCrypto } from './native-crypto.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-library-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the guard of the SSH library', () => {
  it('accepts the release that was read, and refuses another version or a changed file', () => {
    expect(() => assertKnownLibrary()).not.toThrow()
    const source = join(dirname(createRequire(import.meta.url).resolve('ssh2/package.json')), 'lib', 'protocol')
    const copy = join(folder, 'protocol')
    cpSync(source, copy, { recursive: true })
    expect(() => assertKnownLibrary(copy)).not.toThrow()
    expect(() => assertKnownLibrary(copy, '1.17.1')).toThrow('not the release')
    writeFileSync(join(copy, 'kex.js'), '// changed\n', { flag: 'a' })
    expect(() => assertKnownLibrary(copy)).toThrow('not the release')
  })
})

describe('native crypto', () => {
  const good = { nodeHeaders: '24.18.0', abi: process.versions.modules, ssh2: '1.17.0' }
  it.each([
    ['no stamp', undefined, 'no addon was built'],
    ['a machine without a compiler', { ...good, unavailable: true }, 'could not be built'],
    ['headers that abort the process at a collection', { ...good, nodeHeaders: '24.21.0' }, 'only 24.18.0 is known to be safe'],
    ['another ABI', { ...good, abi: '115' }, 'ABI 115'],
    ['another ssh2', { ...good, ssh2: '1.16.0' }, 'ssh2 1.16.0'],
  ])('is left out for %s, with the reason', (_name, stamp, reason) => {
    const at = `${mkdtempSync(join(folder, 'n-'))}/`
    if (stamp) writeFileSync(`${at}sshcrypto.json`, JSON.stringify(stamp))
    expect(findNativeCrypto('1.17.0', at)).toEqual({ path: undefined, reason: expect.stringContaining(reason) })
  })

  it('is what the stamp says, in the open', () => {
    const found = findNativeCrypto('1.17.0')
    expect(cryptoInUse).toBe(found.path === undefined ? 'javascript' : 'native')
    expect(cryptoReason).toContain(found.path === undefined ? found.reason : 'fits')
  })

  it('is never taken from the library’s own folder, whatever lies there', () => {
    const script = `
      const { Module } = require('node:module')
      const original = Module._extensions['.node']
      Module._extensions['.node'] = (module, file) => { process.stdout.write('loaded ' + file + '\\n'); return original(module, file) }
      import(${JSON.stringify(fileURLToPath(new URL('./library.ts', import.meta.url)))}).then((library) => process.stdout.write(library.cryptoInUse + '\\n'))`
    const lines = execFileSync(process.execPath, ['-e', script]).toString().trim().split('\n')
    expect(lines.at(-1)).toBe(cryptoInUse)
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^loaded .*\/native\/[a-z0-9-]+\/sshcrypto\.node$/)
    expect(lines.length - 1).toBe(cryptoInUse === 'native' ? 1 : 0)
  })

  it('survives the collection of thousands of cipher objects of every class', () => {
    const script = `
      const { createRequire } = require('node:module')
      const library = ${JSON.stringify(fileURLToPath(new URL('./library.ts', import.meta.url)))}
      import(library).then(async (loaded) => {
        await loaded.cryptoReady
        const crypto = createRequire(library)('ssh2/lib/protocol/crypto.js')
        const names = ['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr']
        for (let round = 0; round < 10; round++) {
          for (let at = 0; at < 200; at++) for (const name of names) {
            const info = crypto.CIPHER_INFO[name]
            const mac = info.authLen ? undefined : crypto.MAC_INFO['hmac-sha2-256']
            const [key, iv, macKey] = [Buffer.alloc(info.keyLen, 1), Buffer.alloc(info.ivLen, 2), mac && Buffer.alloc(mac.len, 3)]
            const config = {
              outbound: { onWrite() {}, seqno: 0, cipherInfo: info, cipherIV: iv, cipherKey: key, macInfo: mac, macKey },
              inbound: { onPayload() {}, seqno: 0, decipherInfo: info, decipherIV: iv, decipherKey: key, macInfo: mac, macKey },
            }
            const [cipher, decipher] = [crypto.createCipher(config), crypto.createDecipher(config)]
            if (at % 2) { cipher.free(); decipher.free() }
          }
          globalThis.gc()
          await new Promise((resolve) => setImmediate(resolve))
        }
        process.stdout.write('alive ' + loaded.cryptoInUse)
      })`
    expect(execFileSync(process.execPath, ['--expose-gc', '-e', script]).toString()).toBe(`alive ${cryptoInUse}`)
  }, 60_000)
})

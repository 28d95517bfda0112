// The addon that `npm` commands build: loaded by the Node that the product runs on, and collected by the thousand (ADR 5).
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { checkout } from './harness/product.ts'

const run = promisify(execFile)
const folder = path.join(checkout, 'native', `${process.platform}-${process.arch}`)
const addon = path.join(folder, 'sshcrypto.node')
const stamp = path.join(folder, 'sshcrypto.json')
const isUnavailable = existsSync(stamp) && (JSON.parse(readFileSync(stamp, 'utf8')) as { unavailable?: boolean }).unavailable === true

/** A wrongly built addon aborted within the first hundreds; ADR 5 measured 60,000 of each class. */
const objects = 20_000
const script = `
const addon = require(process.argv[1])
const make = {
  ChaChaPolyCipher: () => new addon.ChaChaPolyCipher(Buffer.alloc(64, 1)),
  ChaChaPolyDecipher: () => new addon.ChaChaPolyDecipher(Buffer.alloc(64, 1)),
  AESGCMCipher: () => new addon.AESGCMCipher('aes-128-gcm', Buffer.alloc(16, 1), Buffer.alloc(12, 2)),
  AESGCMDecipher: () => new addon.AESGCMDecipher('aes-128-gcm', Buffer.alloc(16, 1), Buffer.alloc(12, 2)),
  GenericCipher: () => new addon.GenericCipher('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16, 2), 'sha256', Buffer.alloc(32, 3), true),
  GenericDecipher: () => new addon.GenericDecipher('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16, 2), 'sha256', Buffer.alloc(32, 3), true, 32),
}
if (Object.keys(make).sort().join() !== Object.keys(addon).sort().join()) throw new Error('other classes: ' + Object.keys(addon))
let collected = 0
const registry = new FinalizationRegistry(() => { collected += 1 })
const turn = () => new Promise((resolve) => setImmediate(resolve))
for (const [name, one] of Object.entries(make)) {
  for (let count = 0; count < ${objects}; count += 1) {
    const cipher = one()
    registry.register(cipher, name)
    // Half are freed first, as at the end of a connection; half are left to the collector alone.
    if (count % 2 === 0) cipher.free()
    if (count % 1000 === 999) { globalThis.gc(); await turn() }
  }
}
globalThis.gc(); await turn(); globalThis.gc(); await turn()
console.log(JSON.stringify({ collected, abi: process.versions.modules }))
`

describe('native SSH crypto', () => {
  test('was built, or its absence was said', () => {
    expect(existsSync(stamp)).toBe(true)
    expect(existsSync(addon)).toBe(!isUnavailable)
  })
  test.runIf(!isUnavailable)(`lets ${objects} objects of each class be collected`, async () => {
    const { stdout } = await run(process.execPath, ['--expose-gc', '-e', `(async () => {${script}})()`, addon], { timeout: 60_000 })
    const { collected, abi } = JSON.parse(stdout) as { collected: number; abi: string }
    expect(abi).toBe((JSON.parse(readFileSync(stamp, 'utf8')) as { abi: string }).abi)
    // The last few may still be held by a register of the machine.
    expect(collected).toBeGreaterThan(objects * 6 - 100)
  })
})

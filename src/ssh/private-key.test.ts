import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { hostKeyFromBlob } from './host-key.ts'
import { readPrivateKey } from './private-key.ts'
import { parseUserauthBlob } from './userauth-blob.ts'
import { WireReader, wireString } from './wire-reader.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let made = 0
function keygen(...options: string[]): { text: string; line: string; fingerprint: string } {
  const file = join(folder, `k${made++}`)
  execFileSync('ssh-keygen', ['-q', '-f', file, '-C', 'test', ...options])
  const printed = execFileSync('ssh-keygen', ['-lf', `${file}.pub`]).toString()
  return {
    text: readFileSync(file, 'utf8'),
    line: readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' '),
    fingerprint: printed.split(' ')[1] ?? '',
  }
}
function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (cause) {
    return cause instanceof Failure ? cause.code : `bug: ${String(cause)}`
  }
  return 'nothing thrown'
}

const kinds: [string, string[]][] = [
  ['ed25519', ['-t', 'ed25519']],
  ['ecdsa 256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa 384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa 521', ['-t', 'ecdsa', '-b', '521']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
]
const formats: [string, string[]][] = [
  ['OpenSSH', []],
  ['PEM', ['-m', 'PEM']],
  ['PKCS8', ['-m', 'PKCS8']],
]

describe.each(kinds)('a key of type %s', (_kind, type) => {
  it.each(formats)('is read from %s with and without a passphrase, as ssh-keygen describes it', (_format, format) => {
    const plain = keygen(...type, ...format, '-N', '')
    const key = readPrivateKey(plain.text)
    expect(key.publicLine).toBe(plain.line)
    expect(key.fingerprint).toBe(plain.fingerprint)
    expect(readPrivateKey(key.toPem().revealText()).publicLine).toBe(plain.line)

    const sealed = keygen(...type, ...format, '-N', 'correct horse')
    // ssh-keygen writes ed25519 in its own format whatever is asked.
    expect(readPrivateKey(sealed.text, 'correct horse').publicLine).toBe(sealed.line)
    expect(codeOf(() => readPrivateKey(sealed.text))).toBe('key_passphrase_needed')
    expect(codeOf(() => readPrivateKey(sealed.text, 'wrong horse'))).toBe('key_passphrase_wrong')
  })

  it('signs so that ssh-keygen’s own public key verifies it', () => {
    const { text, line } = keygen(...type, '-N', '')
    const key = readPrivateKey(text)
    const data = randomBytes(300)
    writeFileSync(join(folder, 'check.pub'), `${line}\n`)
    const pem =
      key.algorithm === 'ssh-ed25519'
        ? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.publicBlob.subarray(-32).toString('base64url') }, format: 'jwk' })
        : createPublicKey(execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', join(folder, 'check.pub')], { stdio: ['ignore', 'pipe', 'ignore'] }))
    for (const algorithm of key.signatureAlgorithms) {
      const signature = key.sign(data, algorithm)
      const hash = algorithm === 'ssh-ed25519' ? null : /384/.test(algorithm) ? 'sha384' : /521|512/.test(algorithm) ? 'sha512' : 'sha256'
      if (algorithm.startsWith('ecdsa')) {
        const reader = new WireReader(signature)
        const size = /256/.test(algorithm) ? 32 : /384/.test(algorithm) ? 48 : 66
        const pad = (bytes: Buffer) => Buffer.concat([Buffer.alloc(size - bytes.length), bytes])
        const pair = Buffer.concat([pad(reader.positive()), pad(reader.positive())])
        reader.end()
        expect(verify(hash, data, { key: pem, dsaEncoding: 'ieee-p1363' }, pair)).toBe(true)
      } else expect(verify(hash, data, pem, signature)).toBe(true)
    }
    expect(codeOf(() => key.sign(data, 'ssh-rsa'))).toBe('key_type_unsupported')
  })
})

describe('what is not such a key', () => {
  it('names a public half, a foreign format and noise', () => {
    const { text, line } = keygen('-t', 'ed25519', '-N', '')
    expect(codeOf(() => readPrivateKey(line))).toBe('key_not_a_key')
    expect(codeOf(() => readPrivateKey('hello'))).toBe('key_not_a_key')
    expect(codeOf(() => readPrivateKey(''))).toBe('key_not_a_key')
    expect(codeOf(() => readPrivateKey('x'.repeat(40_000)))).toBe('key_not_a_key')
    expect(codeOf(() => readPrivateKey('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----'))).toBe('key_not_a_key')
    expect(codeOf(() => readPrivateKey('-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----'))).toBe('key_not_a_key')
    expect(codeOf(() => readPrivateKey('PuTTY-User-Key-File-3: ssh-ed25519'))).toBe('key_type_unsupported')
    const body = text.split('\n').slice(1, -2).join('')
    for (let at = 0; at < body.length; at += 7) {
      const cut = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.slice(0, at)}\n-----END OPENSSH PRIVATE KEY-----`
      expect(codeOf(() => readPrivateKey(cut))).toBe('key_not_a_key')
    }
  })

  it('refuses DSA, short RSA, foreign curves and security keys by type', () => {
    const pem = (options: { type: 'pkcs8' | 'pkcs1'; format: 'pem' }) =>
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(options).toString()
    expect(codeOf(() => readPrivateKey(pem({ type: 'pkcs8', format: 'pem' })))).toBe('key_type_unsupported')
    const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(codeOf(() => readPrivateKey(dsa))).toBe('key_type_unsupported')
    const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(codeOf(() => readPrivateKey(k1))).toBe('key_type_unsupported')
    const number = Buffer.alloc(4, 7)
    const inner = Buffer.concat([number, number, wireString('sk-ssh-ed25519@openssh.com')])
    const container = Buffer.concat([
      Buffer.from('openssh-key-v1\0'),
      wireString('none'),
      wireString('none'),
      wireString(''),
      Buffer.of(0, 0, 0, 1),
      wireString(''),
      wireString(inner),
    ])
    const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${container.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
    expect(codeOf(() => readPrivateKey(text))).toBe('key_type_unsupported')
  })

  it('does not compute a derivation that would block for minutes', () => {
    const kdf = Buffer.concat([wireString(Buffer.alloc(16, 1)), Buffer.from('7fffffff', 'hex')])
    const container = Buffer.concat([
      Buffer.from('openssh-key-v1\0'),
      wireString('aes256-ctr'),
      wireString('bcrypt'),
      wireString(kdf),
      Buffer.of(0, 0, 0, 1),
      wireString(''),
      wireString(Buffer.alloc(64)),
    ])
    const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${container.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
    expect(codeOf(() => readPrivateKey(text, 'p'))).toBe('key_type_unsupported')
    const der = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'p' })
    const at = der.indexOf(Buffer.from('02020800', 'hex'))
    expect(at).toBeGreaterThan(0)
    // The count stands in two bytes: make it four by hand is another file, so the bound is asked of a file whose count is broken.
    der[at] = 0x04
    const pem = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----\n`
    expect(codeOf(() => readPrivateKey(pem, 'p'))).toBe('key_type_unsupported')
  })
})

describe('the blob that is signed', () => {
  const blob = (parts: { type?: number; service?: string; method?: string; has?: number; tail?: Buffer } = {}) =>
    Buffer.concat([
      wireString(Buffer.alloc(32, 9)),
      Buffer.of(parts.type ?? 50),
      wireString('root'),
      wireString(parts.service ?? 'ssh-connection'),
      wireString(parts.method ?? 'publickey'),
      Buffer.of(parts.has ?? 1),
      wireString('ssh-ed25519'),
      wireString(Buffer.from('key')),
      parts.tail ?? Buffer.alloc(0),
    ])
  it('is read whole, and nothing else is', () => {
    expect(parseUserauthBlob(blob())).toMatchObject({ username: 'root', service: 'ssh-connection', algorithm: 'ssh-ed25519' })
    expect(parseUserauthBlob(blob({ type: 51 }))).toBeUndefined()
    expect(parseUserauthBlob(blob({ service: 'ssh-userauth' }))).toBeUndefined()
    expect(parseUserauthBlob(blob({ method: 'hostbased' }))).toBeUndefined()
    expect(parseUserauthBlob(blob({ has: 0 }))).toBeUndefined()
    expect(parseUserauthBlob(blob({ tail: Buffer.of(0) }))).toBeUndefined()
    const whole = blob()
    for (let length = 0; length < whole.length; length++) expect(parseUserauthBlob(whole.subarray(0, length))).toBeUndefined()
  })
})

it('describes a host key from its blob', () => {
  const { line, fingerprint } = keygen('-t', 'ed25519', '-N', '')
  const [type, key] = line.split(' ')
  expect(hostKeyFromBlob(Buffer.from(key ?? '', 'base64'))).toEqual({ type, key, fingerprint })
  expect(hostKeyFromBlob(Buffer.from('no key'))).toBeUndefined()
})

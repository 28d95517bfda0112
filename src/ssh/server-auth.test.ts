import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKeyPair, type KeyPair, type KeyType } from '../../test/harness/ssh-keys.ts'
import type { Authenticator, KeyboardDialog, SignedKey, Verdict } from './authenticator.ts'
import { verifySignature } from './signature.ts'
import { startTestDoor, type TestDoor } from './test-door.fixture.ts'
import { parseUserauthBlob } from './userauth-blob.ts'

const accepted: Verdict = { state: 'accepted' }
const refused: Verdict = { state: 'refused' }

let door: TestDoor
const keys = new Map<string, KeyPair>()
const signed: SignedKey[] = []
const blobs = new Set<string>()
const heldKey = (blob: Buffer) => blobs.has(blob.toString('base64'))

/** The password is `open sesame`; the answers to the questions are `one` and `two`. */
const authenticator: Authenticator = {
  none: async () => refused,
  keyOffered: async (_user, key) => heldKey(key.blob),
  key: async (_user, key) => {
    signed.push(key)
    return heldKey(key.blob) ? accepted : refused
  },
  password: async (_user, password) => (password.revealText() === 'open sesame' ? accepted : refused),
  keyboard: (): KeyboardDialog => ({
    next: async (answers) =>
      answers ? (answers[0]?.revealText() === 'one' ? accepted : refused) : { name: '', instructions: '', prompts: [{ prompt: 'First: ', echo: false }] },
    cancel: () => undefined,
  }),
}

beforeAll(async () => {
  door = await startTestDoor({ authenticator: () => authenticator, signedIn: (transport) => transport.close() })
  await Promise.all(
    (['ed25519', 'ecdsa', 'rsa'] as const satisfies KeyType[]).map(async (type) => {
      const pair = await makeKeyPair(door.folder, `user-${type}`, type)
      keys.set(type, pair)
      blobs.add(pair.publicKey.split(' ')[1] ?? '')
    }),
  )
}, 60_000)
afterAll(async () => await door?.close())

const comeBy = async (args: readonly string[], password?: string) => {
  const at = door.knocks.length
  const run = await door.ssh(['-v', '-N', ...args, 'alice+root+web1@127.0.0.1'], password)
  return { run, outcome: await door.knocks[at]?.outcome }
}

describe('signing in with the real client', () => {
  it.each([
    ['ed25519', 'ssh-ed25519'],
    ['ecdsa', 'ecdsa-sha2-nistp256'],
    ['rsa', 'rsa-sha2-512'],
  ])('by a key of type %s, which signs with %s', async (type, algorithm) => {
    const { run, outcome } = await comeBy(['-o', 'PreferredAuthentications=publickey', '-i', keys.get(type)?.privateKeyFile ?? ''])
    expect(run.stderr).toContain('Authenticated to 127.0.0.1')
    expect(outcome).toBe('alice+root+web1')
    const key = signed.at(-1)
    expect(key?.algorithm).toBe(algorithm)
    // What the authenticator gets is what was signed, for this connection and this name.
    expect(key && verifySignature(key.blob, key.algorithm, key.data, key.signature)).toBe(true)
    const { transport } = door.knocks.at(-1) ?? {}
    expect(key && parseUserauthBlob(key.data)).toMatchObject({ username: 'alice+root+web1', algorithm, sessionId: transport?.sessionId })
  })

  it('by password', async () => {
    const { run, outcome } = await comeBy(['-o', 'PreferredAuthentications=password'], 'open sesame')
    expect(run.stderr).toContain('using "password"')
    expect(outcome).toBe('alice+root+web1')
  })

  it('by keyboard-interactive', async () => {
    const { run, outcome } = await comeBy(['-o', 'PreferredAuthentications=keyboard-interactive'], 'one')
    expect(run.stderr).toContain('using "keyboard-interactive"')
    expect(outcome).toBe('alice+root+web1')
  })

  it('not with a wrong password', async () => {
    const { run, outcome } = await comeBy(['-o', 'PreferredAuthentications=password', '-o', 'NumberOfPasswordPrompts=2'], 'wrong')
    expect(run.code).toBe(255)
    expect(outcome).toBeInstanceOf(Error)
  })

  it('by the SHA-256 of an RSA key, and never by its SHA-1', async () => {
    const file = keys.get('rsa')?.privateKeyFile ?? ''
    const way = ['-o', 'PreferredAuthentications=publickey', '-i', file, '-o']
    expect((await comeBy([...way, 'PubkeyAcceptedAlgorithms=rsa-sha2-256'])).outcome).toBe('alice+root+web1')
    expect(signed.at(-1)?.algorithm).toBe('rsa-sha2-256')
    const { run, outcome } = await comeBy([...way, 'PubkeyAcceptedAlgorithms=ssh-rsa'])
    expect(run.stderr).toContain('no mutual signature algorithm')
    expect(outcome).toBeInstanceOf(Error)
  })

  it('by the one right key among many', async () => {
    const strangers = await Promise.all(Array.from({ length: 8 }, (_, at) => makeKeyPair(door.folder, `stranger-${at}`, 'ed25519')))
    const files = [...strangers.map((pair) => pair.privateKeyFile), keys.get('ed25519')?.privateKeyFile ?? '']
    const { outcome } = await comeBy(['-o', 'PreferredAuthentications=publickey', ...files.flatMap((file) => ['-i', file])])
    expect(outcome).toBe('alice+root+web1')
  })

  it('seeing an exact list of algorithms, without SHA-1, CBC, group exchange or compression', async () => {
    const { run } = await comeBy(['-vv', '-o', 'BatchMode=yes'])
    const [, theirs = ''] = run.stderr.split('peer server KEXINIT proposal')
    const line = (name: string) => new RegExp(`debug2: ${name}: (.*)\r?\n`).exec(theirs)?.[1]?.split(',')
    const ciphers = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr']
    const macs = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512']
    expect(line('KEX algorithms')?.filter((name) => name !== 'mlkem768x25519-sha256')).toEqual([
      ...['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521'],
      ...['diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512', 'diffie-hellman-group14-sha256', 'kex-strict-s-v00@openssh.com'],
    ])
    expect(line('host key algorithms')).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'])
    expect([line('ciphers ctos'), line('ciphers stoc')]).toEqual([ciphers, ciphers])
    expect([line('MACs ctos'), line('MACs stoc')]).toEqual([macs, macs])
    expect([line('compression ctos'), line('compression stoc')]).toEqual([['none'], ['none']])
    expect(run.stderr).toMatch(/kex_input_ext_info: server-sig-algs=<ssh-ed25519,sk-ssh-ed25519@openssh.com,[^>]*,rsa-sha2-512,rsa-sha2-256>/)
  })

  it.each(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'])('whatever key of the door it knows: %s', async (algorithm) => {
    const { outcome } = await comeBy(['-o', `HostKeyAlgorithms=${algorithm}`, '-o', 'PreferredAuthentications=password'], 'open sesame')
    expect(outcome).toBe('alice+root+web1')
  })

  it.each([
    ...['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521'],
    ...['diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512', 'diffie-hellman-group14-sha256'],
  ])('by the key exchange %s', async (kex) => {
    const { outcome } = await comeBy(['-o', `KexAlgorithms=${kex}`, '-o', 'PreferredAuthentications=password'], 'open sesame')
    expect(outcome).toBe('alice+root+web1')
  })
})

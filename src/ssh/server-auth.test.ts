import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKeyPair, type KeyPair, type KeyType } from '../../test/harness/ssh-keys.ts'
import type { Authenticator, KeyboardDialog, SignedKey, Verdict } from './authenticator.ts'
import { startTestDoor, type TestDoor } from './test-door.fixture.ts'

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
  it.each(['ed25519', 'ecdsa', 'rsa'])('by a key of type %s', async (type) => {
    const { run, outcome } = await comeBy(['-o', 'PreferredAuthentications=publickey', '-i', keys.get(type)?.privateKeyFile ?? ''])
    expect(run.stderr).toContain('Authenticated to 127.0.0.1')
    expect(outcome).toBe('alice+root+web1')
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
})

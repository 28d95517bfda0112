// The harness itself: a test host that lets nobody in, or anybody, would make every other test meaningless.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyPair } from './harness/ssh-keys.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'

const run = promisify(execFile)
const common = ['-F', 'none', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR', '-o', 'IdentityAgent=none']
const signIn = (sshd: TestSshd, key: KeyPair) =>
  run('ssh', [
    ...common,
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentitiesOnly=yes',
    '-i',
    key.privateKeyFile,
    '-p',
    `${sshd.port}`,
    `${sshd.user}@${sshd.host}`,
    'id -un',
  ])
const scan = async (sshd: TestSshd) => (await run('ssh-keyscan', ['-p', `${sshd.port}`, '-t', 'ed25519', sshd.host])).stdout

describe('the throwaway sshd', () => {
  let sshd: TestSshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('lets in the %s key that it knows', async (type) => {
    expect((await signIn(sshd, sshd.userKeys[type])).stdout.trim()).toBe(sshd.user)
  })
  test('refuses a key that it does not know', async () => {
    await expect(signIn(sshd, sshd.strangerKey)).rejects.toThrow(/Permission denied/)
  })
  test('shows its own host key, and another one after it was replaced', async () => {
    const before = sshd.hostKeys.ed25519
    expect(await scan(sshd)).toContain(before.publicKey)
    await sshd.replaceHostKeys()
    const after = await scan(sshd)
    expect(after).toContain(sshd.hostKeys.ed25519.publicKey)
    expect(after).not.toContain(before.publicKey)
    expect((await signIn(sshd, sshd.userKeys.ed25519)).stdout.trim()).toBe(sshd.user)
  })
})

describe.runIf(process.getuid?.() === 0)('with passwords', () => {
  const withPassword = (sshd: TestSshd, method: string, password: string) =>
    run(
      'ssh',
      [...common, '-o', `PreferredAuthentications=${method}`, '-o', 'NumberOfPasswordPrompts=1', '-p', `${sshd.port}`, `${sshd.user}@${sshd.host}`, 'id -un'],
      {
        env: { ...process.env, SSH_ASKPASS_REQUIRE: 'force', SSH_ASKPASS: `${import.meta.dirname}/harness/askpass.sh`, SALLYTEST_PASSWORD: password },
      },
    )

  test.each(['password', 'keyboard-interactive'] as const)('takes the right password by %s, and no other', async (method) => {
    const sshd = await startSshd({ passwords: method === 'password', keyboardInteractive: method === 'keyboard-interactive' })
    try {
      expect((await withPassword(sshd, method, sshd.password ?? '')).stdout.trim()).toBe(sshd.user)
      await expect(withPassword(sshd, method, 'wrong')).rejects.toThrow(/Permission denied/)
    } finally {
      await sshd.stop()
    }
  })
})

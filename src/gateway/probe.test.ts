import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckId } from '#domain/id.ts'
import { readPrivateKey } from '#ssh/private-key.ts'
import { startHostileHost } from '../../test/harness/hostile-host.ts'
import { startSshd, type TestSshd } from '../../test/harness/sshd.ts'
import { hostKeyFromLine, playLink } from './far/test-asks.ts'
import { check, scan } from './probe.ts'

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd()
}, 60_000)
afterAll(async () => await sshd?.stop())

const signal = new AbortController().signal
const lease = CheckId.parse('ck_aaaaaaaaaaaaaaaaaaaaaaaa')

describe('a scan', () => {
  it('shows every key that the host holds, and never signs in', async () => {
    const keys = await scan({ probe: 'scan', lease, address: sshd.host, port: sshd.port, mayDialLoopback: true }, { link: playLink({}), listeners: [], signal })
    const expected = [sshd.hostKeys.ed25519, sshd.hostKeys.ecdsa, sshd.hostKeys.rsa].map((key) => hostKeyFromLine(key.publicKey))
    expect(keys).toEqual(expected)
    expect(keys.map((key) => key.fingerprint)).toEqual([sshd.hostKeys.ed25519, sshd.hostKeys.ecdsa, sshd.hostKeys.rsa].map((key) => key.fingerprint))
    expect(sshd.log()).not.toMatch(/Accepted|Failed (password|publickey)/)
  })

  it('says what stands in its way by name', async () => {
    const host = await startHostileHost('http')
    await expect(
      scan({ probe: 'scan', lease, address: host.host, port: host.port, mayDialLoopback: true }, { link: playLink({}), listeners: [], signal }),
    ).rejects.toMatchObject({
      code: 'host_not_ssh',
    })
    await expect(
      scan({ probe: 'scan', lease, address: host.host, port: host.port, mayDialLoopback: false }, { link: playLink({}), listeners: [], signal }),
    ).rejects.toMatchObject({
      code: 'address_not_allowed',
    })
    await host.stop()
    await expect(
      scan({ probe: 'scan', lease, address: host.host, port: host.port, mayDialLoopback: true }, { link: playLink({}), listeners: [], signal }),
    ).rejects.toMatchObject({
      code: 'host_refused',
    })
  })
})

describe('a check', () => {
  const probe = (part: object = {}) => {
    const key = readPrivateKey(sshd.userKeys.ed25519.privateKey)
    return {
      probe: 'check' as const,
      lease,
      address: sshd.host,
      port: sshd.port,
      username: sshd.user,
      auth: { kind: 'key' as const, publicKey: key.publicBlob.toString('base64'), algorithm: key.algorithm as string },
      hostKeys: [hostKeyFromLine(sshd.hostKeys.rsa.publicKey)],
      mayDialLoopback: true,
      ...part,
    }
  }
  const link = () => playLink({ privateKey: sshd.userKeys.ed25519.privateKey, username: sshd.user, password: 'wrong' })
  const words = (steps: Awaited<ReturnType<typeof check>>) => steps.map(({ step, ok, failure }) => [step, ok, failure])

  it('goes through all three steps and opens no channel', async () => {
    const steps = await check(probe(), { link: link(), listeners: [], signal })
    expect(words(steps)).toEqual([
      ['reach', true, undefined],
      ['key', true, undefined],
      ['sign-in', true, undefined],
    ])
    expect(sshd.log()).not.toContain('Starting session')
  })

  it('stops at the step that fails, and uses no credential before the key is known', async () => {
    const stranger = hostKeyFromLine(sshd.strangerKey.publicKey)
    const changed = link()
    changed.trusted.push(stranger)
    const byKey = await check(probe({ hostKeys: [stranger] }), { link: changed, listeners: [], signal })
    expect(words(byKey)).toEqual([
      ['reach', true, undefined],
      ['key', false, 'host_key_changed'],
    ])
    expect(byKey[1]?.detail).toMatchObject({ trusted: [{ fingerprint: stranger.fingerprint }] })
    expect(changed.asked).toEqual(['judge'])

    expect(words(await check(probe({ auth: { kind: 'password' } }), { link: link(), listeners: [], signal })).at(-1)).toEqual(['sign-in', false, 'auth_failed'])
    const host = await startHostileHost('hang-up')
    expect(words(await check(probe({ port: host.port }), { link: link(), listeners: [], signal }))).toEqual([['reach', false, 'host_not_ssh']])
    await host.stop()
  })
})

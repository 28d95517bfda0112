import { beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { CheckLeases, checkLeaseMs, maxCheckLeases } from './check-leases.ts'

describe('check leases', () => {
  let now = 0
  let leases: CheckLeases
  beforeEach(() => {
    now = 1_000_000
    leases = new CheckLeases(() => now)
  })
  const open = (password = new Secret('hunter2')) =>
    leases.open({
      operator: { id: 'op', name: 'alice' },
      target: { address: '10.0.0.5', port: 22, username: 'root' },
      credential: { kind: 'password', password },
      hostKeys: [],
    })

  it('hold a credential until they are closed, and overwrite it then', () => {
    const secret = new Secret('hunter2')
    const { id } = open(secret)
    expect(leases.find(id)?.credential).toEqual({ kind: 'password', password: secret })
    leases.close(id)
    leases.close(id)
    expect(leases.find(id)).toBeUndefined()
    expect([...secret.reveal()]).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  it('end by themselves after 60 s', () => {
    const secret = new Secret('hunter2')
    const { id } = open(secret)
    now += checkLeaseMs - 1
    expect(leases.find(id)?.id).toBe(id)
    now += 1
    expect(leases.find(id)).toBeUndefined()
    expect(secret.reveal()[0]).toBe(0)
  })

  it('are at most 32 at once', () => {
    for (let count = 0; count < maxCheckLeases; count += 1) open()
    expect(() => open()).toThrow(expect.objectContaining({ code: 'rate_limited' }))
    now += checkLeaseMs
    expect(open().id).toMatch(/^ck_[a-z2-7]{24}$/)
  })
})

import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { Passwords } from './passwords.ts'

describe('passwords', () => {
  const passwords = new Passwords()
  const right = 'correct horse battery'

  it('are kept as argon2id with 19 MiB and two passes, salted', async () => {
    const [one, other] = await Promise.all([passwords.hash(new Secret(right), 'ann'), passwords.hash(new Secret(right), 'ann')])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(other)
    expect(await passwords.isRight(one, new Secret(right))).toBe(true)
    expect(await passwords.isRight(one, new Secret(`${right} `))).toBe(false)
  })

  it('are nobody’s without a hash', async () => expect(await passwords.isRight(undefined, new Secret(right))).toBe(false))

  it('are the same however the keyboard composes them, and differ after a zero byte and with bytes that are no text (AUTH-14)', async () => {
    const stored = await passwords.hash(new Secret('café au lait'), 'ann')
    expect(await passwords.isRight(stored, new Secret('cafe\u0301 au lait'))).toBe(true)
    expect(await passwords.isRight(stored, new Secret('café au lait\u0000'))).toBe(false)
    expect(await passwords.isRight(stored, new Secret('café au lait\u0000x'))).toBe(false)
    expect(await passwords.isRight(stored, new Secret(Uint8Array.of(0xff, 0xfe, 0x80)))).toBe(false)
  })

  it.each([
    ['short', 'ninechars'],
    ['long', 'x'.repeat(257)],
    ['the user name', 'Ann-Of-Green'],
  ])('are refused as too weak when they are %s', (_what, text) =>
    expect(() => passwords.hash(new Secret(text), 'ann-of-green')).toThrow(expect.objectContaining({ code: 'password_too_weak', field: 'password' })),
  )

  it('cost less than 5 ms of processor when they are a megabyte long (AUTH-14)', async () => {
    const huge = new Secret(randomBytes(1 << 20).toString('latin1'))
    const before = process.cpuUsage()
    for (let tries = 0; tries < 100; tries += 1) expect(() => passwords.refuseOversize(huge)).toThrow(expect.objectContaining({ code: 'too_large' }))
    expect(process.cpuUsage(before).user / 1000 / 100).toBeLessThan(5)
  })

  it('are checked two at a time with 64 waiting; more are refused, and the rest are all answered', async () => {
    const own = new Passwords()
    const stored = await own.hash(new Secret(right), 'ann')
    const answers = await Promise.allSettled(Array.from({ length: 80 }, (_each, index) => own.isRight(stored, new Secret(index % 2 ? right : 'wrong'))))
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as { code: string }] : []))
    expect(refused.map((reason) => reason.code)).toEqual(Array.from({ length: 14 }, () => 'rate_limited'))
    expect(answers.slice(0, 66).map((answer) => answer.status === 'fulfilled' && answer.value)).toEqual(
      Array.from({ length: 66 }, (_each, index) => index % 2 === 1),
    )
    expect(await own.isRight(stored, new Secret(right))).toBe(true)
  })
})

import { lookup } from 'node:dns/promises'
import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { reach } from './reach.ts'

it('judges what a name resolves to, not the name alone: a name for one of our listeners is refused (GW-09)', async () => {
  // The machine's own name is the one name that is sure to resolve to an address that can be called ours, without a network.
  const { address: own } = await lookup(hostname())
  const target = { address: hostname(), port: 9 }
  const dial = reach(target, { listeners: [{ host: own, port: 9 }], mayDialLoopback: true, signal: AbortSignal.timeout(5000) })
  const refused = await dial.catch((cause: unknown) => cause)
  expect(refused).toBeInstanceOf(Failure)
  expect(refused).toMatchObject({ code: 'address_not_allowed', detail: { why: 'own-listener' }, message: expect.stringContaining(own) as string })
})

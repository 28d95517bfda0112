import { expect, it } from 'vitest'
import { isReachedFromHereAlone } from './listener.ts'

it.each([
  ['127.0.0.1', [], true],
  ['localhost', [], true],
  ['::1', [], true],
  ['127.0.0.1', ['10.0.0.0/8'], false],
  ['0.0.0.0', [], false],
  ['192.0.2.1', [], false],
] as const)('%s with proxies %j is reached from this machine alone: %s', (host, behindProxy, alone) => {
  expect(isReachedFromHereAlone({ http: { host }, behindProxy })).toBe(alone)
})

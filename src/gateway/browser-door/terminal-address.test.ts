import { expect, test } from 'vitest'
import { readTerminalAddress } from './terminal-address.ts'

const session = `se_${'abcdefg2'.repeat(4)}`

test.each([
  ['/terminal', undefined],
  ['/terminal?x=1', undefined],
  [`/terminal/${session}`, session],
  [`/terminal/${session}?x=/terminal/other`, session],
])('%s is a terminal', (url, named) => {
  expect(readTerminalAddress(url)).toEqual({ session: named })
})

test.each([
  undefined,
  '',
  '/',
  '/terminals',
  '/terminal/',
  '/Terminal',
  '//terminal',
  'http://localhost/terminal',
  `/terminal/${session}/`,
  `/terminal/${session}/..`,
  `/terminal/${session}%0d%0a`,
  `/terminal/${session}#x`,
  `/terminal/ ${session}`,
  '/terminal/se_../../../../etc/passwd',
  '/terminal/se_short',
  `/terminal/se_${'a'.repeat(41)}`,
  `/terminal/SE_${'a'.repeat(24)}`,
  `/terminal/op_${'a'.repeat(24)}`,
  `/terminal/se_${'a'.repeat(24)}\n`,
])('%j is none', (url) => {
  expect(readTerminalAddress(url)).toBeUndefined()
})

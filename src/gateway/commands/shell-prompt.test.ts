import { expect, it } from 'vitest'
import { isShellPrompt } from './shell-prompt.ts'

const known = (text: string) => [{ text, columns: text.length }]

it.each(['$ ', 'root@web1:/etc# ', 'web1% ', '~ ❯ ', 'C:\\Users> ', 'ann@db1 /srv> '])('is a shell’s: %s', (text) =>
  expect(isShellPrompt(text, [], false)).toBe(true),
)

it.each(['>>> ', '... ', 'mysql> ', 'postgres=# ', 'shop=> ', '(gdb) ', 'sftp> ', 'Password: ', '[sudo] password for ann: ', 'Continue? ', '', '   '])(
  'is not a shell’s: %s',
  (text) => {
    expect(isShellPrompt(text, known('$ '), false)).toBe(false)
    expect(isShellPrompt(text, known('> '), true)).toBe(false)
  },
)

it('is known again by its end or its beginning, with other numbers in it', () => {
  expect(isShellPrompt('[3] 12:07:55 /srv $ ', known('[0] 11:59:01 / $ '), false)).toBe(true)
  expect(isShellPrompt('➜ src ', known('➜ ~ '), true)).toBe(true)
  expect(isShellPrompt('ann> ', known('ann> '), false)).toBe(true)
  expect(isShellPrompt('redis> ', known('ann> '), false)).toBe(false)
})

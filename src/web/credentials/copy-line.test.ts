import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { copyCommand, shellQuoted } from './copy-line.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK'
/** What a shell makes of the words, one a line. */
const asRead = (words: string) => execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${words}`], { encoding: 'utf8' }).trimEnd()

it('quotes for a shell whatever an account may be called', () => {
  for (const text of ['root', "o'brien", '$(reboot)', '`id`', 'a"b', 'x;y', 'a\\b', "''", '中文', '-l']) expect(asRead(shellQuoted(text))).toBe(text)
})

it('writes a command that says who, where and what', () => {
  expect(copyCommand(key, { username: 'root', address: '2001:db8::1', port: 22 })).toBe(
    `echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK sallyport' | ssh -l root 2001:db8::1 'umask 077; mkdir -p ~/.ssh && cat >> ~/.ssh/authorized_keys'`,
  )
  const words = copyCommand(key, { username: "$(touch /tmp/x)'", address: 'db1', port: 2222 }).split('| ssh ')[1] ?? ''
  expect(asRead(words).split('\n').slice(0, 5)).toEqual(['-p', '2222', '-l', "$(touch /tmp/x)'", 'db1'])
})

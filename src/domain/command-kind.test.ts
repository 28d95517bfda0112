import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { kindOfCommand } from './command-kind.ts'

const kindOf = (command: string) => kindOfCommand(Buffer.from(command))
const brief = (command: string) => {
  const kind = kindOf(command)
  return kind.kind === 'scp' || kind.kind === 'rsync' ? `${kind.kind} ${kind.direction} ${kind.paths.join('|')}` : kind.kind
}

// As they were seen on the wire: OpenSSH 9.2 and 10, libssh2 (curl), paramiko's scp, rsync 3.2 to 3.5, git 2.39, ansible 2.14.
test.each([
  ['scp -t /tmp/x', 'scp upload /tmp/x'],
  ['scp -v -r -p -d -t -- -x y', 'exec'],
  ['scp -d -t -- -x', 'scp upload -x'],
  ['scp -r -p -f *.txt', 'scp download *.txt'],
  ['scp -f a.txt b.txt', 'scp download a.txt|b.txt'],
  ['scp -rt ~/x', 'scp upload ~/x'],
  [`scp -pf '/srv/a b'`, 'scp download /srv/a b'],
  [`/usr/bin/scp -t "a b"`, 'scp upload a b'],
  ['scp -t a\\ b', 'scp upload a b'],
  ['rsync --server -logDtpre.iLsfxCIvu . /tmp/a\\ b', 'rsync upload /tmp/a b'],
  ['rsync --server --sender -logDtpre.iLsfxCIvu . /tmp/a*', 'rsync download /tmp/a*'],
  ['rsync --server -vblogDtprze.iLsfxCIvu --backup-dir b --partial-dir .p . /tmp/a', 'rsync upload /tmp/a'],
  ['rsync --server -nltre.iLsfxCIvu --bwlimit=100 --link-dest /x --inplace . d', 'rsync upload d'],
  ['rsync --server -logDtpre.iLsfxCIvu --remove-source-files . d', 'rsync upload d'],
  ['rsync --server -e.LsfxCIvu . d', 'rsync upload d'],
  ['/usr/lib/openssh/sftp-server', 'sftp'],
  ['/usr/libexec/sftp-server', 'sftp'],
  ['internal-sftp', 'sftp'],
  [`git-upload-pack 'repo x'`, 'exec'],
  [`git-receive-pack '/srv/git/a.git'`, 'exec'],
  [`/bin/sh -c 'echo ~alice && sleep 0'`, 'exec'],
  [`/bin/sh -c '/usr/bin/python3 .ansible/tmp/ansible-tmp-1/AnsiballZ_ping.py && sleep 0'`, 'exec'],
  ['true', 'exec'],
  ['', 'exec'],
])('%s is %s', (command, kind) => expect(brief(command)).toBe(kind))

// Each of these would let who may only copy do more.
test.each([
  'scp -t /tmp; id',
  'scp -t /tmp\nid',
  'scp -t $(id)',
  'scp -t `id`',
  'scp -t "$(id)"',
  'scp -t {-f,/etc/shadow}',
  'scp -t *',
  'scp -t -f a',
  'scp -tf a',
  'scp -S /tmp/evil -t a',
  'scp -o ProxyCommand=id -t a',
  'scp host:a b',
  'scp -t a > b',
  'scp -t a#b !id',
  'scp',
  'scp -t',
  // Where sh sees one quoted word, fish and csh see the end of it.
  `scp -t 'x\\'';id;'`,
  `scp -t "a\\";id;\\""`,
  'scp -t \\x2df',
  '/tmp/scp -t a',
  './scp -t a',
  'PATH=/tmp scp -t a',
  'sudo scp -t a',
  "scp -t 'a",
  'scp -t a\\',
  'rsync --server --daemon --config=x .',
  'rsync --server -logDtpre.iLsfxCIvu . --daemon',
  'rsync --server -logDtpre.iLsfxCIvu . *',
  'rsync --server -logDtpre.iLsfxCIvu * . a',
  'rsync --server --temp-dir --daemon . a',
  'rsync --server --sender --log-file=/etc/cron.d/x -re.Ls . /tmp',
  'rsync --server --sender -re.Ls --remove-source-files . /tmp',
  'rsync --server --remove-source-files --sender -re.Ls . /tmp',
  'rsync --server --sender -slogDtpre.iLsfxCIvu',
  'rsync --server -slogDtpre.iLsfxCIvu . x',
  'rsync --server --write-batch=/x -re.Ls . a',
  'rsync -e evil . host:a',
  'rsync --server -re.Ls .',
  'sudo rsync --server -re.Ls . a',
  '/usr/lib/openssh/sftp-server -R',
  '/tmp/sftp-server',
])('%s is a program', (command) => expect(kindOf(command)).toEqual({ kind: 'exec' }))

test('what shells read differently is never a copy, and nothing makes it throw', () => {
  fc.assert(
    fc.property(fc.constantFrom('scp -t ', 'scp -f ', 'rsync --server . ', ''), fc.uint8Array({ maxLength: 64 }), (start, bytes) => {
      const kind = kindOfCommand(Buffer.concat([Buffer.from(start), bytes]))
      const outside = Buffer.from(bytes)
        .toString('latin1')
        .replace(/'[^']*'|"[^"]*"|\\[^]/g, '')
      if (/[;&|<>()$`\n\r\0]/.test(outside)) expect(kind).toEqual({ kind: 'exec' })
    }),
    { numRuns: 2000 },
  )
})

test('a long command is read in time, and many words are a program', () => {
  expect(kindOf(`scp -f ${'a '.repeat(2000)}`)).toEqual({ kind: 'exec' })
  expect(kindOf(`scp -f ${'a'.repeat(90_000)}`)).toMatchObject({ kind: 'scp' })
})

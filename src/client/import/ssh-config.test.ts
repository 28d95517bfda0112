import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { matchesList, matchesPattern } from './host-pattern.ts'
import { readHop } from './jump-hosts.ts'
import { readSshConfig } from './ssh-config.ts'
import { splitWords } from './ssh-config-lines.ts'

const read = (text: string, ...others: { name: string; text: string }[]) => readSshConfig([{ name: 'config', text }, ...others])
const brief = (text: string, ...others: { name: string; text: string }[]) =>
  read(text, ...others).hosts.map(
    ({ name, address, port, usernames, via }) => `${name}=${usernames.join('+')}@${address}:${port}${via ? ` via ${via.username ?? ''}@${via.name}` : ''}`,
  )
const notes = (text: string, ...others: { name: string; text: string }[]) =>
  read(text, ...others).notes.map(({ file, line, code, what }) => `${file}:${line} ${code} ${what}`)

describe('an OpenSSH configuration', () => {
  it('gives a host for each name that a Host line spells out, and none for patterns', () => {
    expect(brief('Host web1 web2 *.corp db? !web3\n  HostName %h.example.org\n')).toEqual(['web1=@web1.example.org:22', 'web2=@web2.example.org:22'])
  })

  it('lets the first value win, defaults at the end included', () => {
    const text = 'Host a\n User one\nHost a b\n User two\n Port 2200\nHost *\n User three\n Port 22\n'
    expect(brief(text)).toEqual(['a=one@a:2200', 'b=two@b:2200'])
  })

  it('lets a general block before a host win over the host, as ssh does', () => {
    expect(brief('User root\nHost a\n User one\n')).toEqual(['a=root@a:22'])
  })

  it('leaves out whom a negation names', () => {
    expect(brief('Host *.lan !db.lan\n User lan\nHost web.lan db.lan\n Port 23\n')).toEqual(['web.lan=lan@web.lan:23', 'db.lan=@db.lan:23'])
  })

  it('reads quotes, equal signs, case, comments, tabs, CRLF and a byte order mark', () => {
    const text = '\uFEFF# mine\r\nHOST="my host" # not me\r\n\thostname = "10.0.0.9"\r\n\tUSER=deploy # who\r\n port "2022"\r\n'
    expect(brief(text)).toEqual(['my-host=deploy@10.0.0.9:2022'])
    expect(splitWords('a "b c" \'d "e"\' f\\ g h"i j"k # l')).toEqual(['a', 'b c', 'd "e"', 'f g', 'hi jk'])
    expect(splitWords('"open')).toBeUndefined()
  })

  it('names the lines that it does not follow', () => {
    const text =
      'Host a\n ProxyCommand nc %h %p\n Port ssh\n HostName %L.x\nMatch exec "rm -rf /"\n User nobody\nMatch all\n User root\nHost b\n User "x\n Port 1\\\n'
    expect(notes(text)).toEqual([
      'config:5 match_skipped Match exec "rm -rf /"',
      'config:10 unbalanced_quote User "x',
      'config:11 continued Port 1\\',
      'config:2 proxy_command nc %h %p',
      'config:3 port_unreadable ssh',
      'config:4 token_unknown %L.x',
    ])
    expect(brief(text)).toEqual(['a=root@%L.x:22', 'b=root@b:22'])
  })

  it('makes ProxyJump the way, and adds jump hosts that have no block', () => {
    expect(brief('Host web\n ProxyJump ops@gate.example:2222\n')).toEqual(['gate.example=ops@gate.example:2222', 'web=@web:22 via ops@gate.example'])
    expect(brief('Host web\n ProxyJump gate\nHost gate\n HostName 10.0.0.1\n User ops\n')).toEqual(['gate=ops@10.0.0.1:22', 'web=@web:22 via ops@gate'])
    expect(read('Host web\n ProxyJump gate\n').hosts.map(({ isJump }) => isJump)).toEqual([true, false])
  })

  it('follows a chain from the nearest to the last', () => {
    expect(brief('Host web\n ProxyJump one,two@b:23,[::1]:24\n')).toEqual(['one=@one:22', 'b=two@b:23 via @one', '1=@::1:24 via two@b', 'web=@web:22 via @1'])
  })

  it('keeps a host apart from itself reached another way', () => {
    const text = 'Host b\n User ops\nHost web\n ProxyJump a,b\nHost far\n ProxyJump b:2222\n'
    expect(brief(text)).toEqual([
      'b=ops@b:22',
      'a=@a:22',
      'b-via-a=ops@b:22 via @a',
      'web=@web:22 via ops@b-via-a',
      'b-2222=ops@b:2222',
      'far=@far:22 via ops@b-2222',
    ])
  })

  it('does not send the jump host through itself, takes none for an answer, and says where a ring is', () => {
    expect(brief('Host gate web direct\nHost direct\n ProxyJump none\nHost *\n ProxyJump gate\n')).toEqual([
      'gate=@gate:22',
      'web=@web:22 via @gate',
      'direct=@direct:22',
    ])
    const ring = 'Host a\n ProxyJump b\nHost b\n ProxyJump a\n'
    expect(brief(ring)).toEqual(['b=@b:22', 'a=@a:22 via @b'])
    expect(notes(ring)).toEqual(['config:4 proxy_loop a'])
    expect(notes('Host a\n ProxyJump a b@@c\n')).toEqual(['config:2 proxy_jump_unreadable ab@@c'])
  })

  it('lets whichever of ProxyJump and ProxyCommand is first keep the other out', () => {
    expect(notes('Host a\n ProxyJump g\n ProxyCommand nc\n')).toEqual([])
    expect(brief('Host a\n ProxyCommand nc\n ProxyJump g\n')).toEqual(['a=@a:22'])
  })

  it('reads a dropped file where it is included, and asks for the others', () => {
    const inner = { name: 'work.conf', text: 'Host w1\n Port 2201\n' }
    expect(brief('Include config.d/*.conf\nHost *\n User me\n', inner)).toEqual(['w1=me@w1:2201'])
    expect(notes('Host x\nInclude ~/.ssh/more\n')).toEqual(['config:2 include_missing ~/.ssh/more'])
    // Below a Host line an included file counts for that host alone.
    expect(brief('Host a\n Include work.conf\nHost w2\n', { name: 'work.conf', text: 'User inner\nHost w1\n' })).toEqual(['a=inner@a:22', 'w2=@w2:22'])
    const ring = [
      { name: 'one', text: 'Include two\nHost a\n' },
      { name: 'two', text: 'Include one\nHost b\n' },
    ]
    expect(
      readSshConfig(ring)
        .hosts.map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b'])
  })

  it('keeps which keys and which name in known_hosts', () => {
    const [host] = read('Host a\n IdentityFile ~/.ssh/id_a\n HostKeyAlias cluster\nHost *\n IdentityFile "~/my keys/id_b"\n IdentityFile none\n').hosts
    expect([host?.keyFiles, host?.knownAs]).toEqual([['~/.ssh/id_a', '~/my keys/id_b'], 'cluster'])
    expect(read('Host a\n HostName x\n Port 23\n').hosts[0]?.knownAs).toBe('[x]:23')
  })

  it('gives every host a name that Sallyport takes and no other host has', () => {
    expect(brief('Host a:b a/b A-B menu\n')).toEqual(['a-b=@a:b:22', 'a-b-2=@a/b:22', 'a-b-3=@A-B:22'.replace('a-b-3', 'A-B-3'), 'menu-host=@menu:22'])
  })

  it('stops at 10,000 lines and 1,000 hosts and says so', () => {
    const many = Array.from({ length: 1200 }, (_, index) => `Host h${index}`).join('\n')
    expect(read(many).hosts).toHaveLength(1000)
    expect(notes(many).at(-1)).toBe('config:1001 too_many_hosts h1000')
    const long = `${'#\n'.repeat(10_000)}Host a\n`
    expect([read(long).hosts, notes(long)]).toEqual([[], ['config:10001 too_many_lines ', 'config:0 no_hosts ']])
  })

  it('comes to what ssh itself comes to', () => {
    const text = `
Host web1 "web 2" !nobody
  HostName=%h.example.org
  User "first user"
Host db* !db2
  Port 2201
  ProxyJump ops@gate:22,inner
Host db1 db2 inner x.lan y.lan
  HostName 10.0.0.7 # a comment
Host *.lan !y.lan
  User lan
  ProxyJump none
Match all
  Port 2209
Host gate
  HostName gate.example.org
Host *
  User late
  ProxyJump gate
  HostName never.example.org
`
    const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-ssh-config-'))
    const file = path.join(folder, 'config')
    writeFileSync(file, text)
    const hosts = read(text).hosts.filter(({ from, isJump }) => from.line > 0 && !isJump)
    expect(hosts.map(({ name }) => name)).toEqual(expect.arrayContaining(['web1', 'db1', 'db2', 'inner', 'x.lan', 'y.lan', 'gate']))
    for (const host of hosts.filter(({ name }) => !name.includes('-'))) {
      const said = execFileSync('ssh', ['-G', '-F', file, host.name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      const its = (keyword: string) => new RegExp(`^${keyword} (.*)$`, 'm').exec(said)?.[1]
      expect([host.name, host.address, host.port, host.usernames[0] ?? 'first user']).toEqual([host.name, its('hostname'), Number(its('port')), its('user')])
      expect([host.name, host.via !== undefined]).toEqual([host.name, its('proxyjump') !== undefined && its('proxyjump') !== host.name])
    }
    rmSync(folder, { recursive: true })
  })

  it('never throws, whatever the text', () => {
    const words = fc.constantFrom(
      'Host',
      'Match',
      'ProxyJump',
      'Include',
      '*',
      '!a',
      'a,b',
      '"',
      "'",
      '\\',
      '=',
      '#',
      '\n',
      ' ',
      '%h',
      'a',
      'b@c:1',
      'config',
      '\u0000',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
        expect(read(parts.join(' '), { name: 'b', text: parts.join('\n') }).hosts.length).toBeLessThanOrEqual(1000)
      }),
      { numRuns: 300 },
    )
  })
})

describe('patterns', () => {
  it('match as ssh_config(5) says, in bounded time', () => {
    expect(['web1.corp', 'corp', 'a.corp.b'].map((name) => matchesPattern(name, '*.corp'))).toEqual([true, false, false])
    expect([matchesPattern('db1', 'db?'), matchesPattern('db', 'db?'), matchesPattern('', '*'), matchesPattern('abcabd', '*ab?')]).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect([matchesList('a', ['!a', '*']), matchesList('b', ['!a', '*']), matchesList('b', ['!a'])]).toEqual([false, true, false])
    expect(matchesPattern('a'.repeat(4000), `${'*a'.repeat(2000)}b`)).toBe(false)
  })

  it('of a hop are read as ssh reads them', () => {
    expect(readHop('ssh://root@[2001:db8::1]:2222/')).toEqual({ host: '2001:db8::1', username: 'root', port: 2222 })
    expect(['', '@x', 'a@', 'x:0', 'x:99999', 'a b', '[x'].map(readHop)).toEqual(Array(7).fill(undefined))
  })
})

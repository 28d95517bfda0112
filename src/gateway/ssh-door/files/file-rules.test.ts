// What the rules of files do to a stream of SFTP, with a host of our own that knows a few links; OpenSSH's is met in test/ssh-file-rules.test.ts.
import { describe, expect, it } from 'vitest'
import type { FileDirection, FileRule } from '#domain/file-rule.ts'
import { HandClock } from '#session/test-pair.ts'
import { wireString } from '#ssh/wire-reader.ts'
import { SftpObserver } from './sftp-observer.ts'
import { notedLines, offset, packet, packetsIn } from './test-lines.ts'

const both: FileDirection[] = ['upload', 'download']
const app: FileRule = { name: 'app', actions: [...both], paths: ['/srv/app', '~/up'] }
const small: FileRule = { name: 'small', actions: [...both], maxBytes: 10 }
const links: Record<string, string> = {
  '.': '/users/me',
  '/srv/app/out': '/etc',
  '/srv/app/out/passwd': '/etc/passwd',
  '/here': '/srv/app',
  up: '/users/me/up',
}

/** Its host answers REALPATH and STAT of ours at once; `asked` are the packets that went on. `resolves`: it says no to a last name that is not there. */
function observe(files: FileRule[], options: { may?: FileDirection[]; sizes?: Record<string, number>; dangling?: string[]; strict?: boolean } = {}) {
  const { may = both, sizes = {}, dangling = [], strict = false } = options
  const noted = notedLines()
  const asked: Buffer[] = []
  const waiting: Buffer[] = []
  const real = (path: string) =>
    links[path] ?? (path.startsWith('/') ? path : `/users/me/${path}`).replace(/^\/here/, '/srv/app').replace(/^\/srv\/app\/out/, '/etc')
  const answer = (each: Buffer): Buffer | undefined => {
    const [type, id] = [each[0], each.readUInt32BE(1)]
    if (id < 0xffff_0000) return undefined
    const path = each.subarray(9).toString()
    if (type === 7) return dangling.includes(path) ? packet(105, id, 0) : packet(101, id, 2, 'No such file', '')
    if (type === 17) return path in sizes ? packet(105, id, 1, ...offset(sizes[path] ?? 0)) : packet(101, id, 2, 'No such file', '')
    return strict && (dangling.includes(path) || path.endsWith('new')) ? packet(101, id, 2, 'No such file', '') : packet(104, id, 1, real(path), '', 0)
  }
  const observer = new SftpObserver(
    { ...noted.lines, toHost: (bytes) => packetsIn(Buffer.from(bytes)).forEach((each) => (answer(each) ? waiting.push(each) : asked.push(Buffer.from(each)))) },
    { may, files, digests: true, clock: new HandClock() },
  )
  const settle = () => {
    for (let each = waiting.shift(); each; each = waiting.shift()) observer.output(answer(each) ?? Buffer.alloc(0))
  }
  observer.input(packet(1, 3))
  observer.output(packet(2, 3))
  asked.length = 0
  return {
    ...noted,
    observer,
    asked,
    waiting,
    settle,
    /** Types of what went on; what the client was answered, as `id code`. */
    say(...requests: Buffer[]) {
      const from = asked.length
      observer.input(Buffer.concat(requests))
      settle()
      return asked.slice(from).map((each) => each[0])
    },
    answers: () =>
      packetsIn(noted.toNear())
        .filter((each) => each[0] === 101)
        .map((each) => `${each.readUInt32BE(1)} ${each.readUInt32BE(5)}`),
    told: () => noted.acts.map((act) => act.act === 'file' && `${act.deed} ${act.path} ${act.outcome} ${act.rule ?? ''}`.trim()),
  }
}
const open = (id: number, path: string, flags: number) => packet(3, id, path, flags, 0)

describe('rules of paths', () => {
  it.each([
    ['a file there', open(1, '/srv/app/x', 1)],
    ['one by a link from elsewhere', open(1, '/here/x', 0x1a)],
    ['one below home, relative', open(1, 'up', 0x1a)],
    ['a removal', packet(13, 1, '/srv/app/x')],
    ['a link that leads out, itself', packet(13, 1, '/srv/app/out')],
    ['a folder', packet(14, 1, '/srv/app/x/y', 0)],
    ['a rename', packet(18, 1, '/srv/app/x', '/here/y')],
    ['a rename by the extension', packet(200, 1, 'posix-rename@openssh.com', '/srv/app/x', '/srv/app/y')],
    ['a hard link', packet(200, 1, 'hardlink@openssh.com', '/srv/app/x', '/srv/app/y')],
    ['attributes', packet(9, 1, '/srv/app/x', 4, 0o600)],
  ])('let %s go on as it came, once the host has said where it is', (_name, request) => {
    const { say, observer, asked, held, answers, waiting, settle } = observe([app])
    observer.input(request)
    expect([asked, held, waiting.length > 0]).toEqual([[], [true], true])
    settle()
    expect([asked, held]).toEqual([[request.subarray(4)], [true, false]])
    expect(say(packet(17, 2, '/etc'))).toEqual([17])
    expect(answers()).toEqual([])
  })

  it.each([
    ['a file elsewhere', open(1, '/etc/passwd', 1)],
    ['a file with dots', open(1, '/srv/app/../../etc/passwd/..', 1)],
    ['a file behind a link that leads out', open(1, '/srv/app/out/passwd', 1)],
    ['a link that leads out', open(1, '/srv/app/out', 0x1a)],
    ['a neighbour whose name begins alike', open(1, '/srv/application', 1)],
    ['home itself', open(1, '.', 1)],
    ['a name with a NUL', open(1, '/srv/app/x\0y', 1)],
    ['a name with a backslash', open(1, '/srv/app/x\\..\\..\\y', 0x1a)],
    ['a removal behind a link', packet(13, 1, '/srv/app/out/passwd')],
    ['a removal of dots', packet(13, 1, '/srv/app/out/..')],
    ['a rename out', packet(18, 1, '/srv/app/x', '/etc/x')],
    ['a rename in', packet(200, 1, 'posix-rename@openssh.com', '/etc/x', '/srv/app/x')],
    ['a hard link to elsewhere', packet(200, 1, 'hardlink@openssh.com', '/etc/passwd', '/srv/app/x')],
    ['a hard link to a link that leads out', packet(200, 1, 'hardlink@openssh.com', '/srv/app/out', '/srv/app/x')],
    ['a symbolic link, wherever it is', packet(20, 1, 'x', '/srv/app/y')],
    ['a folder', packet(14, 1, '/srv/y', 0)],
    ['the removal of a folder', packet(15, 1, '/srv')],
    ['attributes behind a link', packet(9, 1, '/srv/app/out', 4, 0o777)],
    ['attributes of a link elsewhere', packet(200, 1, 'lsetstat@openssh.com', '/etc/x', 4, 0o777)],
    ['a copy on the host', packet(200, 1, 'copy-data', 'h', ...offset(0), ...offset(0), 'i', ...offset(0))],
    ['an extension that nobody knows', packet(200, 1, 'copy-file', '/srv/app/x', '/srv/app/y', 1)],
  ])('refuse %s, in the name of the grant', (_name, request) => {
    const { say, answers, acts, said } = observe([app])
    expect(say(request, packet(17, 2, '/'))).toEqual([17])
    expect(answers()[0]).toMatch(/^1 [38]$/)
    if (answers()[0] === '1 8') return
    expect(acts).toMatchObject([{ outcome: 'refused', rule: 'app' }])
    expect(said).toEqual([expect.stringContaining('“app”')])
  })

  it('hold what follows until the host has answered, in its order, and bytes before it first', () => {
    const { observer, asked, waiting, settle, answers } = observe([app])
    const requests = [packet(17, 1, '/a'), open(2, '/srv/app/x', 1), packet(13, 3, '/etc/x'), packet(17, 0xffff_ffff - 0x10000, '/b'), packet(17, 5, '/c')]
    observer.input(Buffer.concat(requests).subarray(0, -4))
    expect([asked.length, waiting.length]).toEqual([1, 2])
    observer.input(Buffer.concat(requests).subarray(-4))
    settle()
    expect(asked.map((each) => each.readUInt32BE(1))).toEqual([1, 2, 0xffff_ffff - 0x10000, 5])
    expect(answers()).toEqual(['3 3'])
  })

  it('ask with numbers that no request of the client has', () => {
    const { observer, waiting } = observe([app])
    observer.input(Buffer.concat([packet(17, 0xffff_ffff, '/of the client'), open(1, '/srv/app/x', 1)]))
    expect(waiting.map((each) => each.readUInt32BE(1))).toEqual([0xffff_ffff, 0xffff_fffe, 0xffff_fffd])
  })

  it('trust no folder for a link that leads nowhere, where the host says no to it', () => {
    const { say, answers } = observe([app], { strict: true, dangling: ['/srv/app/dangling'] })
    expect(say(open(1, '/srv/app/new', 0x1a))).toEqual([3])
    expect(say(open(2, '/srv/app/dangling', 0x1a))).toEqual([])
    expect(say(open(3, '/etc/new', 0x1a))).toEqual([])
    expect(answers()).toEqual(['2 3', '3 3'])
  })

  it('let no rename bring a file to where it may be downloaded', () => {
    const rules: FileRule[] = [
      { name: 'all up', actions: ['upload'] },
      { name: 'public', actions: ['download'], paths: ['/srv/public'] },
    ]
    const { say, told } = observe(rules)
    expect(say(packet(18, 1, '/srv/secret', '/srv/public/x'), packet(18, 2, '/srv/public/y', '/srv/public/x'), packet(18, 3, '/a', '/b'))).toEqual([18, 18])
    expect(told()).toEqual(['rename /srv/secret refused public'])
    // Nor a link that leads there.
    expect(say(packet(20, 4, '/srv/secret', '/srv/public/z'))).toEqual([])
  })

  it('tie a handle to what was permitted: not before its answer, not after its end, not by attributes', () => {
    const out: FileRule = { name: 'out', actions: ['download'], paths: ['/etc'] }
    const { say, observer, answers } = observe([app, out])
    expect(say(open(1, '/etc/motd', 1), packet(5, 2, 'h', ...offset(0), 9))).toEqual([3])
    observer.output(packet(102, 1, 'h'))
    expect(say(packet(5, 3, 'h', ...offset(0), 9), packet(10, 4, 'h', 4, 0o777), packet(4, 5, 'h'), packet(5, 6, 'h', ...offset(0), 9))).toEqual([5, 4])
    expect(answers()).toEqual(['2 4', '4 3', '6 4'])
  })

  it('permit nothing when there are none', () => {
    const { say, answers } = observe([])
    expect(say(open(1, '/srv/app/x', 1), packet(13, 2, '/x'), packet(17, 3, '/'))).toEqual([17])
    expect(answers()).toEqual(['1 3', '2 3'])
  })
})

describe('rules of sizes', () => {
  it('end a file that is written, and say so of it', () => {
    const { say, observer, answers, told } = observe([small])
    expect(say(open(1, '/x', 0x1a))).toEqual([3])
    observer.output(packet(102, 1, 'h'))
    const write = (id: number, at: number, text: string) => packet(6, id, 'h', ...offset(at), text)
    expect(
      say(write(2, 0, '12345'), write(3, 5, '67890'), write(4, 10, '!'), write(5, 2 ** 40, '!'), packet(10, 6, 'h', 1, ...offset(11)), packet(4, 7, 'h')),
    ).toEqual([6, 6, 4])
    for (const id of [2, 3, 7]) observer.output(packet(101, id, 0, '', ''))
    expect(answers()).toEqual(['4 3', '5 3', '6 3', '2 0', '3 0', '7 0'])
    expect(told()).toEqual(['upload /x refused small'])
  })

  it('count what is appended from what is there', () => {
    const { say, observer, answers } = observe([small], { sizes: { '/x': 7 } })
    expect(say(open(1, '/x', 0x0e))).toEqual([3])
    observer.output(packet(102, 1, 'h'))
    expect(say(packet(6, 2, 'h', ...offset(0), '123'), packet(6, 3, 'h', ...offset(0), '4'))).toEqual([6])
    expect(answers()).toEqual(['3 3'])
  })

  it('refuse to open what is larger, and to make a file so large', () => {
    const { say, told } = observe([small], { sizes: { '/x': 11, '/y': 10 } })
    expect(say(open(1, '/x', 1), open(2, '/y', 1), packet(9, 3, '/y', 1, ...offset(11)), packet(9, 4, '/y', 1, ...offset(10)))).toEqual([3, 9])
    expect(told()).toEqual(['download /x refused small', 'setstat /y refused small'])
  })

  it('let a file of exactly that size be read to its end, and no byte of one that grew', () => {
    for (const grows of [false, true]) {
      const { say, observer, asked, answers, toNear, told } = observe([small], { sizes: { '/y': 10 } })
      say(open(1, '/y', 1))
      observer.output(packet(102, 1, 'h'))
      expect(say(packet(5, 2, 'h', ...offset(0), 32_768), packet(5, 3, 'h', ...offset(10), 32_768))).toEqual([5, 5])
      expect(asked.slice(-2).map((each) => each.readUInt32BE(each.length - 4))).toEqual([10, 1])
      observer.output(packet(103, 2, '0123456789'))
      observer.output(grows ? packet(103, 3, 'X') : packet(101, 3, 1, '', ''))
      observer.input(packet(4, 4, 'h'))
      observer.output(packet(101, 4, 0, '', ''))
      expect(answers()).toEqual([grows ? '3 3' : '3 1', '4 0'])
      expect(toNear().includes(Buffer.concat([wireString('X')]))).toBe(false)
      expect(told()).toEqual([`download /y ${grows ? 'refused small' : 'done'}`])
    }
  })
})

it('without rules nothing waits and nothing is asked', () => {
  const { observer, asked, held } = observe([{ name: 'all', actions: [...both] }, app, small])
  observer.input(Buffer.concat([open(1, '/etc/x', 0x1b), packet(20, 2, '/x', '/y'), packet(200, 3, 'copy-file', '/x', '/y', 1)]))
  expect([asked.map((each) => each[0]), held]).toEqual([[3, 20, 200], []])
})

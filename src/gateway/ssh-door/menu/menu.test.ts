import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DoorHost } from '#wire/door.ts'
import { chooseTarget, type MenuTerminal } from './choose-target.ts'
import { cellsOf, clip } from './cells.ts'
import { MenuKeys } from './menu-keys.ts'
import { Menu } from './menu.ts'

const host = (name: string, accounts = ['root']): DoorHost => ({ asset: `as_${name}`, name, address: `${name}.example.org:22`, tags: [], accounts })
const fleet = [host('web1'), host('db1', ['postgres', 'root']), host('数据库主机'), ...Array.from({ length: 40 }, (_none, each) => host(`node${each}`))]

/** A person before a terminal: what they type, what they see. */
function person(options: { term?: string; cols?: number; rows?: number; language?: 'en' | 'zh'; hosts?: DoorHost[]; fails?: boolean } = {}) {
  const { term = 'xterm', cols = 80, rows = 24, language = 'en', hosts = fleet } = options
  let seen = ''
  let fails = options.fails ?? false
  const asked: string[] = []
  const terminal: MenuTerminal = { size: { cols, rows }, term, write: (text) => void (seen += text), onInput: undefined, onSize: undefined }
  const leaving = new AbortController()
  const chosen = chooseTarget(terminal, {
    operator: 'ada',
    language,
    signal: leaving.signal,
    find: async (query) => {
      asked.push(query)
      if (fails) throw new Error('control is away')
      const items = hosts.filter(({ name }) => name.includes(query))
      return { items, total: items.length }
    },
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const type = async (text: string) => {
    await settle()
    terminal.onInput?.(Buffer.from(text))
    await settle()
  }
  return { type, chosen, asked, seen: () => seen, leave: () => leaving.abort(), heal: () => (fails = false), terminal, settle }
}
const escape = '\u001b'
/** What the last drawing shows, line by line. */
const shownBy = (seen: string) => {
  const last = seen.slice(seen.lastIndexOf('\x1b[1;1H'))
  return last
    .split(new RegExp(`${escape}\\[\\d+;1H`))
    .slice(1)
    .map((line) => line.replace(new RegExp(`${escape}\\[[0-9;?]*[A-Za-z]`, 'g'), ''))
}

describe('the menu', () => {
  it('connects to the last used host with one key', async () => {
    const { type, chosen } = person()
    await type('\r')
    expect(await chosen).toEqual({ asset: 'web1', account: 'root' })
  })
  it('finds while one types, erases, and asks for the account when there are several', async () => {
    const { type, chosen, asked, seen } = person()
    await type('db')
    await type('x')
    expect(shownBy(seen())[2]).toBe('Nothing is called “dbx”. Erase to see the others.')
    await type('\x7f\x7f1\r')
    expect(asked).toEqual(['', 'd', 'db', 'dbx', 'db', 'd', 'd1'])
    await type('\x15')
    await type('db')
    await type('\r')
    expect(shownBy(seen()).slice(0, 4)).toEqual(['db1: as whom?', '', '  1  postgres', '  2  root'])
    await type('\x1b[B\r')
    expect(await chosen).toEqual({ asset: 'db1', account: 'root' })
  })
  it.each([
    ['3\r', '数据库主机'],
    ['\x1b[B\x1b[B\r', '数据库主机'],
    ['\x1bOB\x1bOB\x1bOA\x1bOB\r', '数据库主机'],
    ['\x1b[F\r', 'node39'],
    ['\x1b[6~\r', 'node17'],
    ['12\r', 'node8'],
  ])('takes %j for %s', async (typed, asset) => {
    const { type, chosen } = person()
    await type(typed)
    expect((await chosen)?.asset).toBe(asset)
  })
  it('takes a name and Enter that are typed faster than hosts are found', async () => {
    const { type, chosen } = person()
    await type('node7\r')
    expect(await chosen).toEqual({ asset: 'node7', account: 'root' })
  })
  it('goes back from the accounts', async () => {
    const { type, chosen } = person()
    await type('2\r')
    await type('\x1b')
    await type('\x1b[A\r')
    expect(await chosen).toEqual({ asset: 'web1', account: 'root' })
  })
  it.each(['\x03', '\x04'])('is left with %j, and leaves the screen as it was', async (key) => {
    const { type, chosen, seen } = person()
    await type(key)
    expect(await chosen).toBeUndefined()
    expect(seen().startsWith('\x1b[?1049h')).toBe(true)
    expect(seen().endsWith('\x1b[?25h\x1b[?1049l')).toBe(true)
  })
  it('ends when the person is gone', async () => {
    const { leave, chosen, terminal } = person()
    leave()
    expect(await chosen).toBeUndefined()
    expect([terminal.onInput, terminal.onSize]).toEqual([undefined, undefined])
  })
  it('says when nothing is open, and when the hosts cannot be read, and tries again', async () => {
    const none = person({ hosts: [] })
    await none.settle()
    await none.settle()
    expect(shownBy(none.seen())[2]).toBe('No host is open to you now. Ask an administrator for a grant.')
    const failing = person({ fails: true })
    await failing.settle()
    await failing.settle()
    expect(shownBy(failing.seen())[2]).toMatch(/^The hosts cannot be read now/)
    failing.heal()
    await failing.type(' ')
    await failing.type('\r')
    expect((await failing.chosen)?.asset).toBe('web1')
  })
  it('speaks Chinese', async () => {
    const { type, seen, chosen } = person({ language: 'zh' })
    await type('\x1b[B')
    expect(shownBy(seen())[0]).toBe('Sallyport：ada，连接到哪台主机？')
    await type('\x03')
    await chosen
  })
  it.each([
    [80, 24],
    [40, 8],
    [20, 6],
    [0, 0],
    [300, 100],
  ])('fits %i columns and %i rows', async (cols, rows) => {
    const { type, seen, chosen } = person({ cols, rows, language: 'zh' })
    await type('\x1b[F')
    const lines = shownBy(seen())
    expect(lines.length).toBeLessThanOrEqual(Math.max(6, rows || 24))
    for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(Math.max(20, cols || 80))
    await type('\x03')
    await chosen
  })
  it('works line by line in a terminal without a cursor', async () => {
    const { type, chosen, seen } = person({ term: 'dumb' })
    await type('99\r')
    expect(seen()).toContain('There is no such number here.')
    await type('dbb\x7f\r')
    await type('1\r')
    expect(seen()).toContain('  1  postgres\r\n  2  root\r\n')
    await type('b\r')
    await type('1\r')
    await type('2\r')
    expect(await chosen).toEqual({ asset: 'db1', account: 'root' })
    // oxlint-disable-next-line no-control-regex -- none may be there
    expect(seen()).not.toMatch(/\x1b/)
  })
})

describe('keys of the menu', () => {
  it('are read alike however their bytes are cut, and never throw or hold more than a sequence', () => {
    const press = fc.constantFrom('a', '中', '\r', '\x1b[A', '\x1b[1;5B', '\x1bOF', '\x1b[5~', '\x7f', '\x1b[?1;2c', '1')
    fc.assert(
      fc.property(fc.array(press, { maxLength: 30 }), (presses) => {
        const whole = new MenuKeys().read(Buffer.from(presses.join('')))
        const byKey = new MenuKeys()
        expect(presses.flatMap((each) => byKey.read(Buffer.from(each)))).toEqual(whole)
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (pieces) => {
        const keys = new MenuKeys()
        for (const piece of pieces) expect(keys.read(piece).length).toBeLessThanOrEqual(piece.length + 33)
      }),
    )
  })
})

describe('the width of text', () => {
  it('clips to the columns, wide characters whole', () => {
    expect(clip('数据库', 5)).toBe('数据…')
    expect(clip('abc', 3)).toBe('abc')
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (text, cols) => cellsOf(clip(text, cols)) <= cols))
  })
})

describe('what is drawn', () => {
  it('is not of an older query', () => {
    const menu = new Menu('ada', 'en')
    menu.press({ kind: 'text', text: 'w' }, 10)
    menu.found('', { items: [host('late')], total: 1 })
    expect(menu.list()).toEqual(['Looking …'])
  })
})

import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFailure } from '#domain/failure.ts'
import { HandClock } from '#session/test-pair.ts'
import { ScpObserver, type ScpCommand } from './scp-observer.ts'
import { notedLines } from './test-lines.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
function observe(command: Partial<ScpCommand>, most = { bytes: Infinity, denial: { failure: 'too large', rule: 'small' } }) {
  const noted = notedLines()
  const full = { direction: 'upload' as const, paths: ['/srv'], recursive: false, ...command }
  return { ...noted, observer: new ScpObserver(noted.lines, full, { digests: true, clock: new HandClock(), most }) }
}
const file = (deed: string, path: string, more: object) => ({ act: 'file', at: 0, way: 'scp', deed, path, outcome: 'done', ...more })
const plain = (acts: readonly object[]) => acts.map((act) => ({ ...act, at: 0 }))

// Source and sink in turns: each line of the one is followed by the answer of the other.
const talk: [string, string][] = [
  ['', '\0'],
  ['T1 0 2 0\n', '\0'],
  ['D0755 0 tree\n', '\0'],
  ['C0644 5 one\n', '\0'],
  ['hello\0', '\0'],
  ['C0600 3 no\n', '\x01scp: no: Permission denied\n'],
  ['C0600 0 empty\n', '\0'],
  ['\0', '\0'],
  ['E\n', '\0'],
  ['C0644 4 last\n', '\0'],
  ['data\x01read error\n', '\0'],
]
const acts = (deed: string, base: string) => [
  file(deed, `${base}tree/one`, { bytes: 5, sha256: sha256('hello') }),
  file(deed, `${base}tree/no`, { bytes: 0, outcome: 'failed', failure: 'scp: no: Permission denied' }),
  file(deed, `${base}tree/empty`, { bytes: 0, sha256: sha256('') }),
  file(deed, `${base}last`, { bytes: 4, outcome: 'failed', failure: 'read error' }),
]

describe('what is read of scp', () => {
  it.each([1, 2, 3, 100])('is the same in pieces of %i bytes, both ways, and passes unchanged', (size) => {
    for (const direction of ['upload', 'download'] as const) {
      const { observer, acts: told, toHost, toNear } = observe({ direction, recursive: true, paths: direction === 'upload' ? ['/srv'] : ['tree', 'last'] })
      const [source, sink] =
        direction === 'upload'
          ? ([(b: Buffer) => observer.input(b), (b: Buffer) => observer.output(b)] as const)
          : ([(b: Buffer) => observer.output(b), (b: Buffer) => observer.input(b)] as const)
      for (const [said, answered] of talk) {
        for (let at = 0; at < said.length; at += size) source(Buffer.from(said.slice(at, at + size), 'latin1'))
        for (let at = 0; at < answered.length; at += size) sink(Buffer.from(answered.slice(at, at + size), 'latin1'))
      }
      expect(plain(told)).toEqual(acts(direction, direction === 'upload' ? '/srv/' : ''))
      const [fromSource, fromSink] = [talk.map(([said]) => said).join(''), talk.map(([, answered]) => answered).join('')]
      expect([toHost().toString('latin1'), toNear().toString('latin1')]).toEqual(direction === 'upload' ? [fromSource, fromSink] : [fromSink, fromSource])
    }
  })

  it('keeps back what a client says before it is answered: what looks like data may be read as commands', () => {
    const { observer, acts: told, held, toHost } = observe({ paths: ['/srv/'] })
    observer.output(Buffer.from('\0'))
    observer.input(Buffer.from('C0644 17 none/of/these\n'.replace('none/of/these', 'none')))
    expect(held).toEqual([])
    observer.input(Buffer.from('C0644 4 hidden\nevil\0'))
    expect([toHost().toString(), held]).toEqual(['C0644 17 none\n', [true]])
    // The host refuses the first: what follows is no data but another file.
    observer.output(Buffer.from('\x01scp: none: Is a directory\n'))
    expect(toHost().toString()).toBe('C0644 17 none\nC0644 4 hidden\n')
    observer.output(Buffer.from('\0'))
    observer.output(Buffer.from('\0'))
    expect([toHost().toString(), held.at(-1)]).toEqual(['C0644 17 none\nC0644 4 hidden\nevil\0', false])
    expect(plain(told)).toEqual([
      file('upload', '/srv/none', { bytes: 0, outcome: 'failed', failure: 'scp: none: Is a directory' }),
      file('upload', '/srv/hidden', { bytes: 4, sha256: sha256('evil') }),
    ])
  })

  it('refuses a file by its announced size, to both ends in the other’s stead, and goes on with the next', () => {
    for (const direction of ['upload', 'download'] as const) {
      const {
        observer,
        acts: told,
        toHost,
        toNear,
      } = observe({ direction, paths: ['/srv/', '/x'] }, { bytes: 4, denial: { failure: 'too large', rule: 'small' } })
      const [source, sink] = direction === 'upload' ? (['input', 'output'] as const) : (['output', 'input'] as const)
      observer[sink](Buffer.from('\0'))
      observer[source](Buffer.from('C0644 5 la'))
      observer[source](Buffer.from('rge\n'))
      observer[source](Buffer.from('C0644 4 fits\n'))
      observer[sink](Buffer.from('\0'))
      observer[source](Buffer.from('data\0'))
      observer[sink](Buffer.from('\0'))
      const complaint = '\x01scp: large: too large\n'
      const [toSource, toSink] = direction === 'upload' ? [toNear().toString(), toHost().toString()] : [toHost().toString(), toNear().toString()]
      expect(toSource).toBe(`\0${complaint}\0\0`)
      expect(toSink).toBe(`${direction === 'download' ? complaint : ''}C0644 4 fits\ndata\0`)
      const base = direction === 'upload' ? '/srv/' : ''
      expect(plain(told)).toEqual([
        file(direction, `${base}large`, { outcome: 'refused', failure: 'too large', rule: 'small' }),
        file(direction, `${base}fits`, { bytes: 4, sha256: sha256('data') }),
      ])
    }
  })

  it('tells what a host refuses to send, and what was not whole at the end', () => {
    const { observer, acts: told } = observe({ direction: 'download', paths: ['/x/y'] })
    observer.input(Buffer.from('\0'))
    observer.output(Buffer.from('\x01scp: /x/y: No such file\n'))
    observer.output(Buffer.from('C0644 9 y\n'))
    observer.input(Buffer.from('\0'))
    observer.output(Buffer.from('half'))
    observer.ended(undefined)
    expect(plain(told)).toEqual([
      file('download', '/x/y', { outcome: 'failed', failure: 'scp: /x/y: No such file' }),
      file('download', '/x/y', { bytes: 4, outcome: 'failed', failure: 'The session ended before the file was whole.' }),
    ])
  })

  it.each(
    ['X0644 1 a\n', 'C0644 -1 a\n', 'C0644 1 ../a\n', 'C0644 1 ..\n', 'C0644 1 \n', 'E\n', 'C0644 1 a', `C0644 1 ${'a'.repeat(9000)}`].filter(
      (line) => line !== 'C0644 1 a',
    ),
  )('ends with %j', (line) => {
    const { observer } = observe({})
    observer.output(Buffer.from('\0'))
    expect(() => observer.input(Buffer.from(line))).toThrow('The client does not speak scp as it should')
  })

  it('throws nothing but failures, and gives on nothing that did not come, whatever comes', () => {
    const said = fc.oneof(fc.constantFrom('\0', '\x01no\n', 'C0644 3 a\n', 'abc\0', 'D0755 0 d\n', 'E\n', 'T1 0 1 0\n'), fc.string({ maxLength: 12 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), said), { maxLength: 40 }), fc.constantFrom('upload' as const, 'download' as const), (steps, direction) => {
        const { observer, toHost, toNear } = observe({ direction })
        let [ins, outs] = ['', '']
        try {
          for (const [isInput, text] of steps) {
            if (isInput) observer.input(Buffer.from((ins += text) && text))
            else observer.output(Buffer.from((outs += text) && text))
          }
        } catch (cause) {
          if (!isFailure(cause)) throw cause
        }
        observer.ended(undefined)
        expect([ins.startsWith(toHost().toString()), outs.startsWith(toNear().toString())]).toEqual([true, true])
      }),
      { numRuns: 1500 },
    )
  })
})

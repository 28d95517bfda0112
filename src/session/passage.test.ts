import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { joinPassage, ScriptedSide } from './test-passage.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const sha256 = (text: string) => createHash('sha256').update(bytes(text)).digest('hex')

describe('a passage', () => {
  it('carries bytes both ways, each direction with its end, and status before the close', () => {
    const { passage, near, far, tap, reports } = joinPassage()
    expect([near.isPaused, far.isPaused]).toEqual([true, true])
    passage.begin(far)
    expect([near.isPaused, far.isPaused]).toEqual([false, false])
    passage.nearEvents.data(bytes('typed'))
    passage.nearEvents.end()
    passage.nearEvents.signal('INT')
    expect(far.said).toEqual(['typed', '<end>', '<signal INT>'])
    passage.farEvents.data(bytes('out'), false)
    passage.farEvents.data(bytes('wrong'), true)
    tap.turn()
    passage.farEvents.end()
    passage.farEvents.exit({ exitStatus: 7 })
    passage.farEvents.closed(false)
    expect(near.said).toEqual(['out', 'err wrong', '<end>', '<7>', '<close>'])
    expect(reports).toEqual([])
    tap.turn()
    expect(reports).toMatchObject([{ bytesIn: 5, bytesOut: 8, end: { reason: 'exited', exitStatus: 7 } }])
  })

  it('shows nothing that is not accepted, in the order in which it came, and ends after it', () => {
    const { passage, near, far, tap } = joinPassage({ outputBytes: 4 })
    passage.begin(far)
    passage.farEvents.data(bytes('abc'), false)
    expect([near.said, far.isPaused]).toEqual([[], true])
    // A side may hand over more in the turn in which it is paused.
    passage.farEvents.data(bytes('defg'), true)
    passage.farEvents.data(bytes('hi'), false)
    passage.farEvents.exit({ signal: 'TERM', isCoreDumped: false, said: '' })
    passage.farEvents.end()
    passage.farEvents.closed(false)
    expect(near.said).toEqual([])
    tap.turn()
    expect(near.said).toEqual(['abc', 'err defg', 'hi', '<TERM false >', '<end>', '<close>'])
    expect(tap.events.map((event) => event.kind)).toEqual(['output', 'output', 'marker', 'end'])
  })

  it('records the beginning as a terminal shows it, and counts and digests all of it', () => {
    const { passage, far, tap, acts, recorded } = joinPassage({ outputBytes: 6 })
    passage.begin(far)
    for (const [text, isStderr] of [
      ['a\nb', false],
      ['e\n', true],
      ['cdef', false],
    ] as const) {
      passage.farEvents.data(bytes(text), isStderr)
      tap.turn()
    }
    passage.farEvents.data(bytes('beyond'), false)
    passage.farEvents.closed(false)
    tap.turn()
    expect(recorded()).toBe('a\r\nbe\r\nc')
    expect(tap.events.at(-1)).toMatchObject({ kind: 'end', offset: 8 })
    expect(acts).toMatchObject([{ act: 'output', stdoutBytes: 13, stderrBytes: 2, stdout: sha256('a\nbcdefbeyond'), stderr: sha256('e\n') }])
  })

  it('lets what is beyond the beginning pass without a copy', () => {
    const { passage, near, far, tap } = joinPassage({ outputBytes: 1, digests: false })
    passage.begin(far)
    passage.farEvents.data(bytes('1'), false)
    tap.turn()
    expect(far.isPaused).toBe(false)
    const lent = bytes('lent')
    let given: Uint8Array | undefined
    near.write = (piece) => ((given = piece), true)
    passage.farEvents.data(lent, false)
    expect(given).toBe(lent)
  })

  it('stands still while the other side takes no more, or acts wait', () => {
    const { passage, near, far, sink } = joinPassage({ kind: 'sftp' })
    passage.begin(far)
    near.takes = far.takes = false
    passage.farEvents.data(bytes('x'), false)
    passage.nearEvents.data(bytes('y'))
    expect([near.isPaused, far.isPaused]).toEqual([true, true])
    passage.nearEvents.room()
    expect([near.isPaused, far.isPaused]).toEqual([true, false])
    passage.farEvents.room()
    expect(near.isPaused).toBe(false)
    sink.isFull = true
    sink.onRoom?.()
    expect([near.isPaused, far.isPaused]).toEqual([true, true])
    sink.isFull = false
    sink.onRoom?.()
    expect([near.isPaused, far.isPaused]).toEqual([false, false])
  })

  it.each([
    [
      'terminated by',
      (p: ReturnType<typeof joinPassage>) => p.passage.terminate({ reason: 'terminated', by: 'root', text: 'enough' }),
      'Terminated by root: enough',
    ],
    ['idle', (p: ReturnType<typeof joinPassage>) => p.clock.forward(600_000), 'Nothing happened for 10 minutes.'],
    [
      'unrecordable',
      (p: ReturnType<typeof joinPassage>) => p.tap.fail(),
      'This session must be recorded and its recording cannot be written, so it ends here.',
    ],
    [
      'cut off',
      (p: ReturnType<typeof joinPassage>) => p.passage.farEvents.closed(true, new Failure('host_timeout', 'It is silent.')),
      'The connection to the host was lost: It is silent.',
    ],
  ])('when it is %s ends both sides, in words on stderr', (_name, act, words) => {
    const pair = joinPassage()
    const { passage, near, far, tap, clock, reports } = pair
    passage.begin(far)
    act(pair)
    expect(near.said).toEqual([`err [Sallyport] ${words}\n`, '<close>'])
    expect(far.said.at(-1)).toBe('<destroy>')
    passage.farEvents.data(bytes('late'), false)
    passage.nearEvents.data(bytes('late'))
    tap.turn()
    expect(reports).toHaveLength(1)
    // Who reads no more is not waited for.
    clock.forward(1000)
    expect(near.said.at(-1)).toBe('<destroy>')
    expect([far.said, clock.timers]).toEqual([['<destroy>'], 0])
  })

  it('that ends while it opens stops the dial, and is not opened after', () => {
    const { passage, near, far, tap, reports } = joinPassage()
    passage.terminate({ reason: 'revoked', by: 'root', text: 'over' })
    tap.turn()
    expect([passage.signal.aborted, reports.length]).toEqual([true, 1])
    passage.begin(far)
    expect([far.said, near.said.at(-1)]).toEqual([['<destroy>'], '<close>'])
  })

  it('brings what a client said to the host before it ends with the client', () => {
    const { passage, far, reports } = joinPassage({ kind: 'rsync' })
    passage.nearEvents.end()
    passage.begin(far)
    expect(far.said).toEqual(['<end>'])
    passage.nearEvents.hungUp()
    passage.nearEvents.data(bytes('last'))
    passage.nearEvents.closed()
    expect(far.said).toEqual(['<end>', 'last', '<destroy>'])
    expect(reports).toMatchObject([{ end: { reason: 'owner_gone' } }])
    const stuck = joinPassage({ kind: 'rsync' })
    stuck.passage.begin(new ScriptedSide())
    stuck.passage.nearEvents.hungUp()
    stuck.clock.forward(3000)
    expect([stuck.reports.length, stuck.clock.timers]).toEqual([1, 0])
  })

  it('gives every byte once and in order, whatever the pieces and the turns', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.boolean(), fc.boolean())), fc.nat(200), (pieces, outputBytes) => {
        const { passage, near, far, tap } = joinPassage({ outputBytes })
        passage.begin(far)
        let expected = ''
        for (const [piece, isStderr, turns] of pieces) {
          const lent = Buffer.from(piece)
          passage.farEvents.data(lent, isStderr)
          expected += `${isStderr ? 'err ' : ''}${lent.toString('latin1')}|`
          lent.fill(0)
          if (turns) tap.turn()
        }
        passage.farEvents.closed(false)
        tap.turn()
        tap.turn()
        expect(`${near.said.slice(0, -1).join('|')}${pieces.length > 0 ? '|' : ''}`).toBe(expected)
      }),
    )
  })
})

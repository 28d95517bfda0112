import { describe, expect, it } from 'vitest'
import { CommandReader } from '#gateway/commands/command-reader.ts'
import { type Recorded, recordedCases } from './command-corpus/case.ts'

/** As the recorder's worker feeds a session's journal. */
export function readBack({ cols, rows, events }: Recorded): { told: string[]; hidden: number } {
  const reader = new CommandReader({ cols, rows })
  let offset = 0
  const told: string[] = []
  let hidden = 0
  const take = (isLast: boolean) => {
    for (const { text, how } of reader.take(isLast)) {
      if (how === 'hidden') hidden += 1
      else told.push(text)
    }
  }
  for (const event of events) {
    const [ms, kind] = event
    if (kind === 'o' || kind === 'b') {
      const bytes = Buffer.from(event[2], kind === 'o' ? 'utf8' : 'base64')
      reader.output(bytes, offset, ms)
      offset += bytes.length
    } else if (kind === 'r') reader.resized({ cols: event[2], rows: event[3] })
    else reader.typed({ typed: event[2], lineEnds: event[3], isOpen: event[4], interrupted: event[5] }, offset, ms)
    take(false)
  }
  take(true)
  return { told, hidden }
}

/** Blanks at the end of a line are seen by nobody, and a shell's history joins what a backslash continues. */
const bare = (text: string) =>
  text
    .replaceAll('\\\n', '')
    .replaceAll(/[ \t]+$/gm, '')
    .trim()

type Score = { expected: number; exact: number; invented: string[]; missed: string[] }
/** In order; a text of several lines may have been several commands for the shell, and the other way round. */
function compare(told: readonly string[], expected: readonly string[]): Score {
  const score: Score = { expected: 0, exact: 0, invented: [], missed: [] }
  const lines = expected.map(bare).filter((text) => text !== '')
  score.expected = lines.length
  let at = 0
  for (const one of told.map(bare)) {
    let found = -1
    let taken = 0
    for (let from = at; from < lines.length && found === -1; from += 1)
      for (let count = 1; count <= 6 && found === -1; count += 1) if (lines.slice(from, from + count).join('\n') === one) [found, taken] = [from, count]
    // Blanks that a TAB made are not exact; but the command was run.
    const blanks = (text: string) => text.replaceAll(/\s+/g, ' ')
    if (found === -1) {
      if (!lines.slice(at).some((line) => blanks(line) === blanks(one))) score.invented.push(one)
    } else {
      score.missed.push(...lines.slice(at, found))
      score.exact += taken
      at = found + taken
    }
  }
  score.missed.push(...lines.slice(at))
  return score
}

describe('the command log, on lines typed at real shells', () => {
  const all = { expected: 0, exact: 0 }
  const table: string[] = []
  for (const [name, cases] of recordedCases())
    it(`reads what was run: ${name}`, () => {
      const sum = { expected: 0, exact: 0 }
      const faults: unknown[] = []
      for (const each of cases) {
        const { told } = readBack(each)
        const score = compare(told, each.expected)
        sum.expected += score.expected
        sum.exact += score.exact
        if (score.invented.length > 0) faults.push([each.id, score.invented])
      }
      all.expected += sum.expected
      all.exact += sum.exact
      table.push(`${name.padEnd(12)} ${sum.exact} of ${sum.expected} (${((100 * sum.exact) / sum.expected).toFixed(1)} %)`)
      expect(faults).toEqual([])
    })
  it('finds 95 of 100, and invents none', () => {
    console.log(['recall by class', ...table, `all          ${all.exact} of ${all.expected} (${((100 * all.exact) / all.expected).toFixed(1)} %)`].join('\n'))
    expect(all.expected).toBeGreaterThan(300)
    expect(all.exact / all.expected).toBeGreaterThanOrEqual(0.95)
  })
})

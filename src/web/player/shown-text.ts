// The text of a recording, line by line with the moment at which each line began: for searching, without a terminal.
import type { Recording } from './recording.ts'

export type ShownLine = { atMs: number; text: string }
export type Match = { atMs: number; before: string; hit: string; after: string }

/** A line longer than this is cut there; a program without line feeds makes one line otherwise. */
const longestLine = 2000
const mostLines = 400_000
export const mostMatches = 200
/** Shown on each side of what was found. */
const around = 40

// CSI; OSC, DCS, SOS, PM and APC up to their end; two-character escapes; and control characters but the line feed. What has not ended stays away with what follows it.
const escape = new RegExp(
  // oxlint-disable-next-line no-control-regex -- control characters are what is removed here
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\u009c]{0,4096}(?:\u0007|\u001b\\|\u009c)|[ -/]*[0-~])|[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g,
)
/** Moving the cursor somewhere else begins a line too: what a full-screen program draws in one place is no text with what it draws in another. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const moves = /\u001b\[[0-9;]*[Hf]/g

export function shownLines(recording: Recording): ShownLine[] {
  const lines: ShownLine[] = []
  let line: ShownLine | undefined
  for (const frame of recording.frames) {
    if (frame.text === undefined) continue
    const parts = frame.text.replace(moves, '\n').replace(escape, '').split('\n')
    for (const [index, part] of parts.entries()) {
      if (index > 0) line = undefined
      if (part === '') continue
      if (!line || line.text.length > longestLine) {
        if (lines.length >= mostLines) return lines
        line = { atMs: frame.atMs, text: '' }
        lines.push(line)
      }
      line.text += part
    }
  }
  return lines
}

/** The first 200 places, in their order, without regard to case. */
export function findText(lines: readonly ShownLine[], wanted: string): Match[] {
  const text = wanted.trim().toLowerCase()
  const matches: Match[] = []
  if (text === '') return matches
  for (const line of lines) {
    const lower = line.text.toLowerCase()
    // Folding may change the length of exotic letters; then the line is told without its middle.
    const at = lower.indexOf(text)
    if (at === -1) continue
    matches.push({
      atMs: line.atMs,
      before: line.text.slice(Math.max(0, at - around), at),
      hit: line.text.slice(at, at + text.length),
      after: line.text.slice(at + text.length, at + text.length + around),
    })
    if (matches.length >= mostMatches) break
  }
  return matches
}

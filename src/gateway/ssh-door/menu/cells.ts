// How wide text stands in a terminal: names may be Chinese.

/** Unicode Annex 11: wide and fullwidth, as far as names of hosts and our own words have them. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

export function cellsOf(text: string): number {
  let cells = 0
  for (const each of text) cells += wide.test(each) ? 2 : 1
  return cells
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** Without what the backspace key takes away: a character as people count them. */
export const withoutLast = (text: string): string => text.slice(0, [...graphemes.segment(text)].at(-1)?.index ?? 0)

/** The beginning of the text that fits so many columns, with `…` where something was left out. */
export function clip(text: string, cols: number): string {
  if (cellsOf(text) <= cols) return text
  let used = 0
  let kept = ''
  for (const each of text) {
    used += wide.test(each) ? 2 : 1
    if (used > cols - 1) break
    kept += each
  }
  return cols > 1 ? `${kept}…` : kept
}

// Names that people give or that must give way. Pure.

export type NameFault = 'empty' | 'slash' | 'dots' | 'unseen' | 'long'
// oxlint-disable-next-line no-control-regex -- control characters are what is refused here
const unseen = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u
/** What file systems of hosts take, in bytes of UTF-8. */
const mostNameBytes = 255

/** Why this cannot be the name of a file on a host; undefined when it can. */
export function nameFault(name: string): NameFault | undefined {
  if (name.trim() === '') return 'empty'
  if (name.includes('/')) return 'slash'
  if (name === '.' || name === '..') return 'dots'
  if (unseen.test(name)) return 'unseen'
  return new TextEncoder().encode(name).length > mostNameBytes ? 'long' : undefined
}

/** Length of the part before the ending: `report.tar.gz` → 6, `.bashrc` → 7, `Makefile` → 8. What a rename selects first. */
export function stemLength(name: string): number {
  const double = /\.tar\.[a-z0-9]{1,4}$/i.exec(name)
  const dot = double ? double.index : name.lastIndexOf('.')
  return dot > 0 ? dot : name.length
}

/** `report.pdf` → `report (2).pdf`, the first that is not taken; for `round` 2, 3, … see that the host may know more names than the page. */
export function besideName(name: string, isTaken: (name: string) => boolean, from = 2): string {
  const at = stemLength(name)
  const [stem, ending] = [name.slice(0, at), name.slice(at)]
  // No more tries than anybody has copies; the host refuses the last one if it is taken.
  for (let n = from; n < from + 10_000; n += 1) {
    const next = `${stem} (${n})${ending}`
    if (!isTaken(next)) return next
  }
  return `${stem} (${Date.now()})${ending}`
}

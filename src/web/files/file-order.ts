// What of a folder is shown, in which order. Pure, and quick enough for 200,000 entries.
import type { FileEntry } from '#wire/files.ts'

export const fileColumns = ['name', 'size', 'changed', 'mode', 'owner'] as const
export type FileColumn = (typeof fileColumns)[number]
export type FileOrder = { by: FileColumn; descending: boolean }

/** Folders, and links to them, stand before files in every order. */
export const isFolder = ({ kind, leadsTo }: FileEntry): boolean => kind === 'folder' || (kind === 'link' && leadsTo === 'folder')

/** ICU compares rightly in every script and takes a microsecond; beyond this many names that is seconds. */
const mostByLanguage = 3000

/** A text whose plain order is that of people, for Latin: no case, numbers by their size (`a2` before `a10`). */
export function plainKey(name: string): string {
  const low = name.toLowerCase()
  return /\d/.test(low) ? low.replace(/0*(\d+)/g, (_, digits: string) => String.fromCharCode(48 + Math.min(digits.length, 9)) + digits) : low
}

/** A new list. `language` decides how names of its script stand (by pinyin in Chinese). Equal ones stand by their names, so that no order depends on the one before. */
export function ordered(entries: readonly FileEntry[], { by, descending }: FileOrder, language: string): FileEntry[] {
  const byName = nameOrder(entries, language)
  const sign = descending ? -1 : 1
  const value = valueOf[by]
  const compare =
    by === 'name'
      ? (a: FileEntry, b: FileEntry) => sign * byName(a, b)
      : (a: FileEntry, b: FileEntry) => {
          const [x, y] = [value(a), value(b)]
          return x === y ? byName(a, b) : sign * (x < y ? -1 : 1)
        }
  const folders: FileEntry[] = []
  const files: FileEntry[] = []
  for (const entry of entries) (isFolder(entry) ? folders : files).push(entry)
  return [...folders.sort(compare), ...files.sort(compare)]
}

const valueOf: Record<FileColumn, (entry: FileEntry) => number | string> = {
  name: ({ name }) => name,
  size: (entry) => (isFolder(entry) ? -1 : entry.bytes),
  changed: ({ mtime }) => mtime ?? -1,
  mode: ({ mode }) => mode ?? -1,
  owner: ({ owner, group }) => `${owner ?? ''}:${group ?? ''}`,
}

const keys = new WeakMap<FileEntry, string>()
function keyOf(entry: FileEntry): string {
  let key = keys.get(entry)
  if (key === undefined) keys.set(entry, (key = plainKey(entry.name)))
  return key
}

function nameOrder(entries: readonly FileEntry[], language: string): (a: FileEntry, b: FileEntry) => number {
  const last = (a: FileEntry, b: FileEntry) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  if (entries.length <= mostByLanguage) {
    const words = new Intl.Collator(language, { numeric: true })
    return (a, b) => words.compare(a.name, b.name) || last(a, b)
  }
  return (a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    return x < y ? -1 : x > y ? 1 : last(a, b)
  }
}

export type FileFilter = { hidden: boolean; search: string }
/** Names that begin with a dot only when asked for; of a search every word is in the name. */
export function filtered(entries: readonly FileEntry[], { hidden, search }: FileFilter): readonly FileEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (hidden && words.length === 0) return entries
  return entries.filter(({ name }) => {
    if (!hidden && name.startsWith('.')) return false
    if (words.length === 0) return true
    const low = name.toLowerCase()
    return words.every((word) => low.includes(word))
  })
}

/** The next row after `from` whose name begins with what was typed, around the end. -1 when none does. */
export function typedAhead(rows: readonly FileEntry[], text: string, from: number): number {
  const low = text.toLowerCase()
  for (let step = 0; step < rows.length; step += 1) {
    const at = (from + step) % rows.length
    if (rows[at]?.name.toLowerCase().startsWith(low)) return at
  }
  return -1
}

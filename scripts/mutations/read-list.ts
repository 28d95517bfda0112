// Reads `test/mutations.md`: one defence in each list item, with the way to break it.

export type Mutation = { what: string; file: string; find: string; instead: string; test: string }

const item = /^- \*\*(.+?)\*\* · `([^`]+)` · `(.+?)` → `(.*?)` · `([^`]+)`\s*$/

/** Items in their order. Throws in words, naming the line, for an item that is not of the form. Code with a backtick in it cannot be said: choose another piece of the line. */
export function readMutations(text: string): Mutation[] {
  return text.split('\n').flatMap((line, at) => {
    if (!line.startsWith('- ') || line.includes('path/of/file.ts')) return []
    const [, what, file, find, instead, test] = item.exec(line) ?? []
    if (what === undefined || file === undefined || find === undefined || instead === undefined || test === undefined)
      throw new Error(`test/mutations.md:${at + 1} is not of the form that stands at its top`)
    return [{ what, file, find, instead, test }]
  })
}

/** The file's text with the defence broken. Throws in words when the text does not stand there exactly once. */
export function breakDefence(source: string, { file, find, instead }: Mutation): string {
  const count = source.split(find).length - 1
  if (count !== 1) throw new Error(`\`${find}\` stands ${count} times in ${file}`)
  if (find === instead) throw new Error(`\`${find}\` is replaced by itself`)
  return source.replace(find, () => instead)
}

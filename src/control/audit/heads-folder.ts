// Signed heads in a folder outside of the data: one file for each day that is only ever added to.
import { constants } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileLines } from './file-lines.ts'
import type { FoundHead } from './head-check.ts'
import { type Head, headLine, parseHeadLine } from './head.ts'

const fileName = /^\d{4}-\d\d-\d\d\.heads$/
const longestLine = 1000
const fileOf = ({ time }: Head) => `${new Date(time).toISOString().slice(0, 10)}.heads`

/** Appends and syncs. The folder must exist: a disk that is not mounted must not be taken for an empty one. Throws what the file system throws. */
export async function appendHeads(folder: string, heads: readonly Head[]): Promise<void> {
  await refuseAbsent(folder)
  for (const [name, group] of Map.groupBy(heads, fileOf)) await append(join(folder, name), group)
}

async function refuseAbsent(folder: string): Promise<void> {
  const facts = await stat(folder).catch((cause: unknown) => {
    throw new Error(`the folder of heads ${folder} is not there: make it, or mount its disk`, { cause })
  })
  if (!facts.isDirectory()) throw new Error(`${folder} is not a folder`)
}

async function append(path: string, heads: readonly Head[]): Promise<void> {
  const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW } = constants
  const file = await open(path, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW, 0o644)
  try {
    const { size } = await file.stat()
    // A power cut may have torn the last line: the next begins on one of its own.
    const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString('latin1')
    await file.appendFile(`${last === '\n' ? '' : '\n'}${heads.map((head) => `${headLine(head)}\n`).join('')}`)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** All heads of a folder in the order of its days. `onUnreadable` hears of lines that are none; throws when there is no file of heads at all. */
export async function* readHeads(folder: string, onUnreadable: (where: string) => void): AsyncGenerator<FoundHead> {
  await refuseAbsent(folder)
  const names = (await readdir(folder)).filter((name) => fileName.test(name)).sort()
  if (names.length === 0) throw new Error(`there are no heads in ${folder}`)
  for (const name of names) {
    let line = 0
    for await (const text of fileLines(join(folder, name), longestLine)) {
      line += 1
      const where = `${name} line ${line}`
      const head = parseHeadLine(text)
      if (head) yield { head, where }
      else if (text !== '') onUnreadable(where)
    }
  }
}

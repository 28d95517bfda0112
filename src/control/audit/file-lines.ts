import { createReadStream } from 'node:fs'

/** The lines of a file, without their ends. Throws at one that is longer than `most` characters: without an end it would fill the memory. */
export async function* fileLines(path: string, most: number): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 65_536 })) {
    const lines = `${rest}${String(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > most) throw new Error(`${path} has a line of more than ${most} characters`)
    yield* lines
  }
  if (rest !== '') yield rest
}

// Where a file really lies, as its host says: symbolic links lead out of every folder, so names alone say nothing.
import { canonicalPath } from '#domain/file-rule.ts'
import { Sftp, StatusCode } from '../../sftp/sftp-wire.ts'
import type { OwnQuestions, Question, Said } from './own-questions.ts'

/** `raw`: as the client sent it. `follows`: what is asked for goes on through a symbolic link of this name; otherwise it is the link itself that is meant. */
export type Place = { raw: Buffer; follows: boolean }
export type Wanted = { places: readonly Place[]; home: boolean; sizeOf?: Buffer | undefined }
/** In the order of the places, canonical; undefined where that cannot be said. `bytes`: of the file whose size was wanted, when there is one. */
export type Found = { paths: (string | undefined)[]; home: string | undefined; bytes: number | undefined }

const [dot, slash, backslash] = [Buffer.from('.'), 0x2f, 0x5c]

/** `then` is called once the host has answered everything; while it does nothing else may be asked. */
export function findPlaces(own: OwnQuestions, { places, home, sizeOf }: Wanted, then: (found: Found) => void): void {
  const first: Question[] = places.map((place) => ({ type: Sftp.realpath, path: place.follows ? place.raw : (parentOf(place.raw)?.folder ?? place.raw) }))
  if (home) first.push({ type: Sftp.realpath, path: dot })
  if (sizeOf) first.push({ type: Sftp.stat, path: sizeOf })
  own.ask(first, (said) => {
    const last = said.at(-1)
    const found: Found = {
      paths: places.map((place, at) => pathOf(place, said[at])),
      home: home ? canonical(said[places.length]) : undefined,
      bytes: sizeOf && last?.what === 'isThere' ? last.bytes : undefined,
    }
    missing(own, places, said, found, then)
  })
}

/** OpenSSH resolves a last name that is not there yet; others say no. Then its folder is asked for, and whether something is there after all: a link that leads nowhere, which opening would follow. */
function missing(own: OwnQuestions, places: readonly Place[], said: readonly Said[], found: Found, then: (found: Found) => void): void {
  const open = places.flatMap((place, at) => {
    const parent = place.follows && said[at]?.what === 'no' ? parentOf(place.raw) : undefined
    return parent ? [{ at, raw: place.raw, ...parent }] : []
  })
  if (open.length === 0) return then(found)
  const questions = open.flatMap(({ raw, folder }): Question[] => [
    { type: Sftp.lstat, path: raw },
    { type: Sftp.realpath, path: folder },
  ])
  own.ask(questions, (answers) => {
    for (const [index, { at, name }] of open.entries()) {
      const [there, folder] = answers.slice(index * 2)
      if (there?.what === 'no' && there.code === StatusCode.noSuchFile) found.paths[at] = below(canonical(folder), name)
    }
    then(found)
  })
}

function pathOf({ raw, follows }: Place, said: Said | undefined): string | undefined {
  // Servers that end a name at its NUL, or that take a backslash for a slash, would go elsewhere than what is judged.
  if (raw.includes(0) || raw.includes(backslash)) return undefined
  const parent = follows ? undefined : parentOf(raw)
  return parent ? below(canonical(said), parent.name) : canonical(said)
}

/** Undefined when the last name is none: `/`, `.`, `..`. Then the whole is to be resolved. */
function parentOf(raw: Buffer): { folder: Buffer; name: string } | undefined {
  let end = raw.length
  while (end > 0 && raw[end - 1] === slash) end -= 1
  const start = raw.subarray(0, end).lastIndexOf(slash) + 1
  const name = raw.subarray(start, end).toString('utf8')
  if (name === '' || name === '.' || name === '..' || raw.includes(0) || raw.includes(backslash)) return undefined
  return { folder: start === 0 ? dot : raw.subarray(0, Math.max(1, start - 1)), name: name.toWellFormed() }
}

const below = (folder: string | undefined, name: string): string | undefined => (folder === undefined ? undefined : canonicalPath(name, folder))

function canonical(said: Said | undefined): string | undefined {
  if (said?.what !== 'path') return undefined
  const path = said.path.toString('utf8').toWellFormed()
  return path.startsWith('/') && !path.split('/').includes('..') ? canonicalPath(path) : undefined
}

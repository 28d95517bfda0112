// Requests of SFTP that name files: what each wants to do where, and whether the rules let it.
import type { FileDirection } from '#domain/file-rule.ts'
import type { SessionAct } from '#domain/session-act.ts'
import { attrHasSize, OpenFlag, pathText, Sftp, type SftpReader } from '../../sftp/sftp-wire.ts'
import type { Denial, DoorRules, FileBounds } from './door-rules.ts'
import type { Found, Place } from './place-finder.ts'
import { opensForChange, opensForReading } from './sftp-file.ts'

type Deed = Extract<SessionAct, { act: 'file' }>['deed']
export type Done = { deed: Deed; path: string; to?: string }

/** `done`: as it is told; of an opened file only when it fails. `places`: what is judged, of a rename or link where it comes from first. `bytes`: what the file is to have. */
export type Wish = {
  done: Done
  uses: readonly FileDirection[]
  places: readonly Place[]
  flags?: number
  bytes?: number | undefined
}

/** Undefined of requests that name no file, or only look at one. */
export function wishOf(type: number | undefined, reader: SftpReader): Wish | undefined {
  switch (type) {
    case Sftp.open: {
      const place = placed(reader, true)
      const flags = reader.uint32()
      const uses: FileDirection[] = [...(opensForChange(flags) ? (['upload'] as const) : []), ...(opensForReading(flags) ? (['download'] as const) : [])]
      return { done: { deed: uses[0] ?? 'download', path: pathText(place.raw) }, uses, places: [place], flags }
    }
    case Sftp.setstat:
      return attributesOf(reader, true)
    case Sftp.remove:
      return changeOf('remove', [placed(reader)])
    case Sftp.mkdir:
      return changeOf('mkdir', [placed(reader)])
    case Sftp.rmdir:
      return changeOf('rmdir', [placed(reader)])
    case Sftp.rename:
      return changeOf('rename', [placed(reader), placed(reader)])
    case Sftp.symlink: {
      // OpenSSH and with it everybody says the target first, against the draft.
      const to = reader.path()
      return { ...changeOf('symlink', []), done: { deed: 'symlink', path: reader.path(), to } }
    }
    default:
      return undefined
  }
}

/** Of OpenSSH's extensions. */
export function wishOfExtension(name: string, reader: SftpReader): Wish | undefined {
  switch (name) {
    case 'posix-rename@openssh.com':
      return changeOf('rename', [placed(reader), placed(reader)])
    case 'hardlink@openssh.com': {
      // Some systems follow a symbolic link here, others do not: either must be permitted.
      const to = placed(reader, true)
      const path = placed(reader)
      return { ...changeOf('link', [to, path]), done: { deed: 'link', path: pathText(path.raw), to: pathText(to.raw) } }
    }
    case 'lsetstat@openssh.com':
      return attributesOf(reader, false)
    default:
      return undefined
  }
}

/** The size that a file has already decides: of what is read, and of what is appended to. */
export const needsSize = ({ uses, flags = 0 }: Wish, rules: DoorRules): boolean =>
  (uses.includes('download') && rules.limitsSize('download')) || ((flags & OpenFlag.append) !== 0 && rules.limitsSize('upload'))

/** Why not, and told as what; or what is left of a file that is opened. */
export function judgeWish({ done, uses, places, flags, bytes }: Wish, found: Found, rules: DoorRules): { denial: Denial; done: Done } | { bounds: FileBounds } {
  const [path, to] = found.paths
  if (done.deed === 'symlink' && rules.linkDenial) return { denial: rules.linkDenial, done }
  for (const use of uses) {
    const denial = rules.denial(use, path, use === 'download' ? found.bytes : bytes)
    if (denial) return { denial, done: flags === undefined ? done : { ...done, deed: use } }
  }
  const denial = places.length > 1 ? rules.moveDenial(path, to) : undefined
  return denial ? { denial, done } : { bounds: rules.bounds(path) }
}

function changeOf(deed: Deed, places: Place[]): Wish {
  const [path = '', to] = places.map(({ raw }) => pathText(raw))
  return { done: { deed, path, ...(to === undefined ? {} : { to }) }, uses: ['upload'], places }
}

function attributesOf(reader: SftpReader, follows: boolean): Wish {
  const wish = changeOf('setstat', [placed(reader, follows)])
  return (reader.uint32() & attrHasSize) === 0 ? wish : { ...wish, bytes: reader.uint64() }
}

/** A copy: what waits for the host outlives its packet. */
const placed = (reader: SftpReader, follows = false): Place => ({ raw: Buffer.from(reader.string()), follows })

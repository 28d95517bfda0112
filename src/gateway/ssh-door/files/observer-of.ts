// Which observer reads a session of which kind, and whether what its command asks for may be done at all.
import { kindOfCommand } from '#domain/command-kind.ts'
import { Failure } from '#domain/failure.ts'
import type { GrantAction } from '#domain/grant.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { SessionKind } from '#domain/session-kind.ts'
import type { Clock } from '#session/clock.ts'
import type { ObserverLines, PassageObserver } from '#session/passage-ends.ts'
import { RsyncObserver } from './rsync-observer.ts'
import { ScpObserver } from './scp-observer.ts'
import { SftpObserver } from './sftp-observer.ts'

export type Observed = { kind: SessionKind; command: Uint8Array | undefined; may: readonly GrantAction[]; digests: boolean; clock: Clock }

/** Undefined: nothing is read on the way. Throws `Failure('not_granted')` after `refused` was told what was wanted. */
export function observerOf(observed: Observed, refused: (act: SessionAct) => void): ((lines: ObserverLines) => PassageObserver) | undefined {
  const { kind, command, may, digests, clock } = observed
  if (kind === 'sftp') {
    const rights = { upload: may.includes('upload'), download: may.includes('download') }
    return (lines) => new SftpObserver(lines, { may: rights, digests, clock })
  }
  if (kind !== 'scp' && kind !== 'rsync') return undefined
  const asked = kindOfCommand(command ?? new Uint8Array(0))
  // What control took for a copy is one here too: the same words are read by the same function.
  if (asked.kind !== kind) throw new Failure('not_granted', 'This command is not what it was permitted as.')
  if (!may.includes(asked.direction)) {
    const failure = `${asked.direction === 'upload' ? 'Uploads' : 'Downloads'} are not part of your access to this host.`
    refused({
      act: 'file',
      at: clock.wallMs(),
      way: kind,
      deed: asked.direction,
      path: asked.paths.join(' ').slice(0, 4096).toWellFormed(),
      outcome: 'refused',
      failure,
    })
    throw new Failure('not_granted', failure)
  }
  return asked.kind === 'scp' ? (lines) => new ScpObserver(lines, asked, { digests, clock }) : (lines) => new RsyncObserver(lines, asked, clock)
}

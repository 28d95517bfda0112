// Which observer reads a session of which kind, and whether what its command asks for may be done at all.
import { kindOfCommand } from '#domain/command-kind.ts'
import { Failure } from '#domain/failure.ts'
import type { FileRule } from '#domain/file-rule.ts'
import type { GrantAction } from '#domain/grant.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { SessionKind } from '#domain/session-kind.ts'
import type { Clock } from '#session/clock.ts'
import type { ObserverLines, PassageObserver } from '#session/passage-ends.ts'
import { type Denial, DoorRules } from './door-rules.ts'
import { RsyncObserver } from './rsync-observer.ts'
import { ScpObserver } from './scp-observer.ts'
import { SftpObserver } from './sftp-observer.ts'

/** `files`: what every file is judged by, besides `may`. */
export type Observed = {
  kind: SessionKind
  command: Uint8Array | undefined
  may: readonly GrantAction[]
  files: readonly FileRule[]
  digests: boolean
  clock: Clock
}

/** Undefined: nothing is read on the way. Throws `Failure('not_granted')` after `refused` was told what was wanted. */
export function observerOf(observed: Observed, refused: (act: SessionAct) => void): ((lines: ObserverLines) => PassageObserver) | undefined {
  const { kind, command, may, files, digests, clock } = observed
  if (kind === 'sftp') return (lines) => new SftpObserver(lines, { may, files, digests, clock })
  if (kind !== 'scp' && kind !== 'rsync') return undefined
  const asked = kindOfCommand(command ?? new Uint8Array(0))
  // What control took for a copy is one here too: the same words are read by the same function.
  if (asked.kind !== kind) throw new Failure('not_granted', 'This command is not what it was permitted as.')
  const { direction } = asked
  const rules = new DoorRules(files, may)
  const denial = may.includes(direction)
    ? copyDenial(rules, asked)
    : { failure: `${direction === 'upload' ? 'Uploads' : 'Downloads'} are not part of your access to this host.` }
  if (denial) {
    const path = asked.paths.join(' ').slice(0, 4096).toWellFormed()
    refused({ act: 'file', at: clock.wallMs(), way: kind, deed: direction, path, outcome: 'refused', ...denial })
    throw new Failure('not_granted', denial.failure)
  }
  if (asked.kind === 'rsync') return (lines) => new RsyncObserver(lines, asked, clock)
  const mostBytes = rules.most(direction, undefined)
  return (lines) => new ScpObserver(lines, asked, { digests, clock, most: { bytes: mostBytes, denial: rules.tooLarge(direction, undefined) } })
}

/** Where a copy of these kinds ends up the far side alone decides, and rsync does not say how large a file is: only rules that need not know let it go. */
function copyDenial(rules: DoorRules, { kind, direction }: { kind: 'scp' | 'rsync'; direction: 'upload' | 'download' }): Denial | undefined {
  const denial = rules.denial(direction, undefined) ?? (kind === 'rsync' && !rules.isFree(direction) ? rules.tooLarge(direction, undefined) : undefined)
  if (!denial?.rule) return denial
  const instead = kind === 'scp' ? 'scp without -O and sftp can be held to that.' : 'rsync cannot be held to that: use sftp or scp.'
  return { ...denial, failure: `${denial.failure.slice(0, 240)} ${instead}` }
}

// One file that is open over SFTP: what went in and out of it, for the ledger.
import type { SessionAct } from '#domain/session-act.ts'
import { OpenFlag } from '../../sftp/sftp-wire.ts'
import type { Denial, FileBounds } from './door-rules.ts'
import { type HeldRoom, WholeDigest } from './whole-digest.ts'

type FileAct = Extract<SessionAct, { act: 'file' }>

/** Any flag beyond those for reading may change the file or make one. */
export const opensForChange = (flags: number): boolean => (flags & ~OpenFlag.read) !== 0
export const opensForReading = (flags: number): boolean => (flags & OpenFlag.read) !== 0 || (flags & OpenFlag.write) === 0

export class SftpFile {
  readonly path: string
  readonly flags: number
  /** As the host said, before or after it was opened. */
  size: number | undefined
  written = 0
  read = 0
  failure: string | undefined
  /** Why something that was wanted of it was not done. */
  refused: Denial | undefined
  /** What the rules leave of it; undefined when they say nothing. */
  bounds: FileBounds | undefined
  /** The client has asked to close it: its handle may stand for another file by now. */
  isClosing = false
  /** Where what is appended comes to stand, as far as it was sent. */
  appendsAt = 0
  readonly #ins: WholeDigest | undefined
  readonly #outs: WholeDigest | undefined
  /** What stands behind this is gone: nothing of an older file is left. */
  #cutAt: number
  #endSeenAt = Infinity

  /** `room`: without one there are no digests. */
  constructor(path: string, flags: number, room: HeldRoom | undefined) {
    this.path = path
    this.flags = flags
    const isNew = (flags & OpenFlag.create) !== 0 && (flags & OpenFlag.exclusive) !== 0
    this.#cutAt = isNew || (flags & OpenFlag.truncate) !== 0 ? 0 : Infinity
    this.#ins = room && opensForChange(flags) ? new WholeDigest(room) : undefined
    this.#outs = room && opensForReading(flags) ? new WholeDigest(room) : undefined
  }

  /** On its way to the host. */
  sent(offset: number, bytes: Uint8Array): void {
    // Appended, wherever the client believes it to be.
    if ((this.flags & OpenFlag.append) !== 0) this.#ins?.spoil()
    this.#ins?.add(offset, bytes)
  }
  came(offset: number, bytes: Uint8Array): void {
    this.read += bytes.length
    this.#outs?.add(offset, bytes)
  }
  /** Nothing stands at this offset. */
  endsAt(offset: number): void {
    this.#endSeenAt = Math.min(this.#endSeenAt, offset)
  }
  /** The host made it this long: OpenSSH's scp does at the end, where others empty it at the beginning. */
  cut(size: number): void {
    this.#cutAt = Math.min(this.#cutAt, size)
    if (size !== this.#ins?.reaches) this.#ins?.spoil()
    this.#outs?.spoil()
  }
  /** It was changed in another way than by writing to it. */
  changed(): void {
    this.#ins?.spoil()
    this.#outs?.spoil()
  }

  /** What was done with it, once it is closed or cannot be any more. */
  acts(at: number, broken?: string): FileAct[] {
    const failure = broken ?? this.failure
    const how = this.refused
      ? ({ outcome: 'refused', ...this.refused } as const)
      : failure === undefined
        ? ({ outcome: 'done' } as const)
        : ({ outcome: 'failed', failure } as const)
    const act = (deed: 'upload' | 'download', bytes: number, sha256: string | undefined): FileAct => ({
      act: 'file',
      at,
      way: 'sftp',
      deed,
      path: this.path,
      bytes,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...how,
    })
    const acts: FileAct[] = []
    const isWhole = how.outcome === 'done'
    if (opensForChange(this.flags)) acts.push(act('upload', this.written, isWhole && this.#cutAt <= this.written ? this.#ins?.of(this.written) : undefined))
    if (acts.length === 0 || this.read > 0) acts.push(act('download', this.read, isWhole ? this.#outs?.of(this.#wholeSize()) : undefined))
    // What they hold is room for others.
    this.changed()
    return acts
  }

  /** Up to where it was seen, when that was its end; -1 otherwise. */
  #wholeSize(): number {
    const reaches = this.#outs?.reaches ?? -1
    return this.#endSeenAt <= reaches || this.size === reaches ? reaches : -1
  }
}

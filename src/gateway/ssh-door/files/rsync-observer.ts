// rsync speaks a protocol of differences that changes with its versions: what is told is what its command says, how many bytes passed, and how it ended.
import type { Direction } from '#domain/command-kind.ts'
import type { Clock } from '#session/clock.ts'
import type { ObserverLines, PassageExit, PassageObserver } from '#session/passage-ends.ts'

const maxPathChars = 4096

export class RsyncObserver implements PassageObserver {
  readonly #lines: ObserverLines
  readonly #command: { direction: Direction; paths: readonly string[] }
  readonly #clock: Clock
  #bytes = 0

  constructor(lines: ObserverLines, command: { direction: Direction; paths: readonly string[] }, clock: Clock) {
    this.#lines = lines
    this.#command = command
    this.#clock = clock
  }

  input(bytes: Uint8Array): void {
    if (this.#command.direction === 'upload') this.#bytes += bytes.length
    this.#lines.toHost(bytes)
  }
  output(bytes: Uint8Array): void {
    if (this.#command.direction === 'download') this.#bytes += bytes.length
    this.#lines.toNear(bytes)
  }

  ended(exit: PassageExit | undefined): void {
    const isDone = exit !== undefined && 'exitStatus' in exit && exit.exitStatus === 0
    const failure =
      exit === undefined
        ? 'The session ended before rsync did.'
        : 'signal' in exit
          ? `rsync was ended by signal ${exit.signal}.`
          : `rsync ended with status ${exit.exitStatus}.`
    this.#lines.act({
      act: 'file',
      at: this.#clock.wallMs(),
      way: 'rsync',
      deed: this.#command.direction,
      path: this.#command.paths.join(' ').slice(0, maxPathChars).toWellFormed(),
      bytes: this.#bytes,
      ...(isDone ? { outcome: 'done' } : { outcome: 'failed', failure: failure.slice(0, 300) }),
    })
  }
}

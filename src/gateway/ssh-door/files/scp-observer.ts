// Sits beside an scp of the old protocol, told from its command: which file went, how large it was, and whether the other end took it.
import { Failure } from '#domain/failure.ts'
import type { Direction } from '#domain/command-kind.ts'
import type { Clock } from '#session/clock.ts'
import type { ObserverLines, PassageExit, PassageObserver } from '#session/passage-ends.ts'
import type { Denial } from './door-rules.ts'
import { type ScpFile, ScpTalk } from './scp-talk.ts'

/** `most`: how large a file may be, and why not larger. */
export type ScpOptions = { digests: boolean; clock: Clock; most: { bytes: number; denial: Denial } }
export type ScpCommand = { direction: Direction; paths: readonly string[]; recursive: boolean }

const maxPathChars = 4096

export class ScpObserver implements PassageObserver {
  readonly #lines: ObserverLines
  readonly #command: ScpCommand
  readonly #clock: Clock
  readonly #talk: ScpTalk
  /** What a client said before it was answered: at most the piece in which it did. */
  #early: Buffer[] = []

  constructor(lines: ObserverLines, command: ScpCommand, options: ScpOptions) {
    this.#lines = lines
    this.#command = command
    this.#clock = options.clock
    const [source, sink] = command.direction === 'upload' ? [clientFault, hostFault] : [hostFault, clientFault]
    this.#talk = new ScpTalk(
      {
        pass: (bytes) => (command.direction === 'upload' ? lines.toHost(bytes) : lines.toNear(bytes)),
        isTooLarge: (file, size) => size > options.most.bytes && this.#refuse(file, options.most.denial),
        file: (file, failure) => this.#tell(this.#pathOf(file), file, failure),
        folder: (folders, failure) => this.#tell(this.#pathOf({ folders: folders.slice(0, -1), name: folders.at(-1) ?? '' }), undefined, failure, 'mkdir'),
        complaint: (text) => this.#tell(command.paths[0] ?? '', undefined, text),
        sourceFault: source,
        sinkFault: sink,
      },
      options.digests,
    )
  }

  /** An upload goes on only once the host has answered: whether data or a command follows is for the host to say, and both must read it alike. */
  input(bytes: Uint8Array): void {
    if (this.#command.direction === 'download') {
      this.#talk.sink(bytes)
      return this.#lines.toHost(bytes)
    }
    if (this.#early.length > 0) return void this.#early.push(Buffer.from(bytes))
    const taken = this.#talk.source(bytes)
    if (taken === bytes.length) return
    this.#early.push(Buffer.from(bytes.subarray(taken)))
    this.#lines.holdNear(true)
  }

  output(bytes: Uint8Array): void {
    if (this.#command.direction === 'upload') {
      this.#talk.sink(bytes)
      this.#lines.toNear(bytes)
      return this.#goOn()
    }
    if (this.#talk.source(bytes) < bytes.length) hostFault('it goes on without an answer')
  }

  ended(_exit: PassageExit | undefined): void {
    const file = this.#talk.unfinished
    if (file) this.#tell(this.#pathOf(file), file, 'The session ended before the file was whole.')
  }

  /** Each end is told in the other's stead, in the way in which the other refuses a file itself: both go on with the next. */
  #refuse(file: ScpFile, { failure, rule }: Denial): true {
    const complaint = Buffer.from(`\x01scp: ${file.name.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 200)}: ${failure}\n`)
    this.#lines.answer(complaint)
    if (this.#command.direction === 'download') this.#lines.toHost(complaint)
    this.#tell(this.#pathOf(file), undefined, failure, this.#command.direction, { outcome: 'refused', ...(rule === undefined ? {} : { rule }) })
    return true
  }

  #goOn(): void {
    if (this.#early.length === 0 || this.#talk.isWaiting) return
    const waiting = Buffer.concat(this.#early)
    this.#early = []
    this.input(waiting)
    if (this.#early.length === 0) this.#lines.holdNear(false)
  }

  #tell(
    path: string,
    file: ScpFile | undefined,
    failure: string | undefined,
    deed: Direction | 'mkdir' = this.#command.direction,
    refused?: { outcome: 'refused'; rule?: string },
  ): void {
    this.#lines.act({
      act: 'file',
      at: this.#clock.wallMs(),
      way: 'scp',
      deed,
      path: path.slice(0, maxPathChars).toWellFormed(),
      ...(file ? { bytes: file.bytes } : {}),
      ...(file?.sha256 === undefined ? {} : { sha256: file.sha256 }),
      ...(failure === undefined ? { outcome: 'done' } : { outcome: 'failed', failure, ...refused }),
    })
  }

  /** Names are relative to what the command says. An upload to a path that may be a folder or the file's new name is told with both. */
  #pathOf({ folders, name }: Pick<ScpFile, 'folders' | 'name'>): string {
    const { direction, paths, recursive } = this.#command
    const [path = ''] = paths
    const inside = [...folders, name]
    if (direction === 'download') return paths.length === 1 && !/[*?[]/.test(path) ? [path, ...inside.slice(1)].join('/') : inside.join('/')
    if (folders.length > 0 || recursive || /(^|\/)(\.{0,2}|~)$/.test(path)) return [path.replace(/\/$/, ''), ...inside].join('/')
    return path.split('/').at(-1) === name ? path : `${path} ← ${name}`
  }
}

function clientFault(why: string): never {
  throw new Failure('client_protocol_error', `The client does not speak scp as it should: ${why}.`)
}
function hostFault(why: string): never {
  throw new Failure('host_protocol_error', `The host does not speak scp as it should: ${why}.`)
}

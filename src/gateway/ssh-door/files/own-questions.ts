// What an observer asks the host itself, in the same stream as the client: answers come back to it alone.
import { Failure } from '#domain/failure.ts'
import { wireString, wireUint32 } from '#ssh/wire-reader.ts'
import { attrHasSize, Sftp, type SftpReader } from '../../sftp/sftp-wire.ts'

export type Question = { type: typeof Sftp.realpath | typeof Sftp.stat | typeof Sftp.lstat; path: Uint8Array }
/** `path`: as the host resolves it. `isThere`: it has attributes. `code`: of the status, when it said no. */
export type Said = { what: 'path'; path: Buffer } | { what: 'isThere'; bytes: number | undefined } | { what: 'no'; code: number }

/** Longer ones no host has that can open them. */
const maxPathBytes = 4096

export class OwnQuestions {
  readonly #send: (packet: Uint8Array) => void
  readonly #isTaken: (id: number) => boolean
  readonly #open = new Map<number, number>()
  #said: Said[] = []
  #then: ((said: readonly Said[]) => void) | undefined

  /** `isTaken`: a request of the client has this number. The client must say nothing more until all are answered: then no number can come to stand for two. */
  constructor(send: (packet: Uint8Array) => void, isTaken: (id: number) => boolean) {
    this.#send = send
    this.#isTaken = isTaken
  }

  has(id: number): boolean {
    return this.#open.has(id)
  }

  /** One list at a time; `then` is called with the answers in the order of the questions. */
  ask(questions: readonly Question[], then: (said: readonly Said[]) => void): void {
    this.#said = []
    this.#then = then
    let id = 0xffff_ffff
    for (const [at, { type, path }] of questions.entries()) {
      while (this.#isTaken(id) || this.#open.has(id)) id -= 1
      this.#open.set(id, at)
      const body = Buffer.concat([Buffer.of(type), wireUint32(id), wireString(Buffer.from(path))])
      this.#send(Buffer.concat([wireUint32(body.length), body]))
    }
  }

  /** An answer whose number `has` knows; `reader` stands behind it. */
  answered(id: number, type: number | undefined, reader: SftpReader): void {
    const at = this.#open.get(id)
    if (at === undefined) return
    this.#open.delete(id)
    this.#said[at] = saidOf(type, reader)
    if (this.#open.size === 0) this.#then?.(this.#said)
  }
}

function saidOf(type: number | undefined, reader: SftpReader): Said {
  if (type === Sftp.status) return { what: 'no', code: reader.uint32() }
  if (type === Sftp.attrs) return { what: 'isThere', bytes: (reader.uint32() & attrHasSize) === 0 ? undefined : reader.uint64() }
  if (type !== Sftp.name || reader.uint32() !== 1)
    throw new Failure('host_protocol_error', 'The host does not speak SFTP as it should: it cannot say where a file is.')
  const path = reader.string()
  return path.length > maxPathBytes ? { what: 'no', code: 0 } : { what: 'path', path: Buffer.from(path) }
}

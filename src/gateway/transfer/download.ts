// `sz` on the host: files that its owner fetches, one request each, or all in one archive. Nothing is said to the host before the first request; what is offered and not wanted is skipped.
import type { ServerResponse } from 'node:http'
import { judgeFile, mostBytes, refusalWords } from '#domain/file-rule.ts'
import { Failure } from '#domain/failure.ts'
import { mostZmodemBytes } from '#domain/terminal-transfer.ts'
import { answerFailure } from '../files-door/answers.ts'
import { StoredZip } from '../files/stored-zip.ts'
import type { ZmodemEnd } from '../zmodem/end.ts'
import { type OfferedFile, ZmodemReceiver } from '../zmodem/receiver.ts'
import { Attachment } from './attachment.ts'
import { Blocks } from './blocks.ts'
import { Ending } from './ending.ts'
import { FileStory } from './file-story.ts'
import type { TallyFile } from './tally.ts'
import type { Transfer, TransferParts } from './transfer.ts'

/** Between one file and the next: a person who has gone for a coffee finds the terminal as it was, one who forgot it finds a prompt. */
const nextWithinMs = 5 * 60_000
export const throughPanel = 'The Files panel can do it: it speaks SFTP.'

/** `zip`: of all that come. */
type Reader = { attachment: Attachment; zip: StoredZip | undefined; names: Set<string> }
type Current = { file: TallyFile; story: FileStory; most: number }

export class Download implements Transfer {
  readonly tally: TransferParts['tally']
  readonly #parts: TransferParts
  readonly #receiver: ZmodemReceiver
  readonly #ending: Ending
  readonly #blocks = new Blocks((block) => this.#block(block))
  #reader: Reader | undefined
  /** Waits for somebody to fetch it. */
  #offer: { file: TallyFile; offered: OfferedFile } | undefined
  #current: Current | undefined
  #waiting: { cancel(): void } | undefined
  /** Of the last file that was not let through. */
  #refusal: Failure | undefined

  constructor(parts: TransferParts) {
    this.#parts = parts
    this.tally = parts.tally
    this.#receiver = new ZmodemReceiver({
      send: (bytes) => void parts.host.write(bytes),
      offered: (offered) => this.#offered(offered),
      refused: (file, failure) => this.#engineRefused(file, failure),
      data: (bytes) => this.#blocks.add(bytes),
      fileEnded: () => this.#fileEnded(),
      ended: (end) => this.#ended(end),
      now: () => parts.clock.nowMs(),
    })
    this.#ending = new Ending(parts, this.#receiver)
  }

  /** A request for the file that is offered, or for all. The first one is the owner's consent. */
  fetch(response: ServerResponse, all: boolean, secure: boolean): void {
    if (this.#ending.isEnding || this.tally.isOver)
      return answerFailure(response, new Failure('transfer_not_found', 'This transfer is over. Run sz again.'), secure)
    if (this.#reader) return answerFailure(response, new Failure('conflict', 'A file of this transfer is being fetched already.'), secure)
    const attachment = new Attachment(response, secure, { room: () => this.#room(), gone: () => this.#left(attachment) })
    const zip = all ? new StoredZip((bytes) => void this.#write(bytes)) : undefined
    this.#reader = { attachment, zip, names: new Set() }
    this.#waiting?.cancel()
    if (this.tally.state === 'asked') {
      this.tally.begin()
      this.#receiver.start()
      this.#ending.watch()
    } else if (this.#offer) this.#take(this.#offer.file, this.#offer.offered)
  }

  /** The file that is offered is not wanted. */
  skip(index: number): void {
    const offer = this.#offer
    if (!offer || this.tally.files[index] !== offer.file) return
    offer.file.state = 'skipped'
    this.#pass()
  }

  input(bytes: Uint8Array): void {
    this.#receiver.input(bytes)
    this.#blocks.flush()
  }
  /** What a receiver says is short. */
  hostRoom(): void {}

  cancel(text: string, code?: Failure['code']): void {
    this.#breakOff(text, code)
    this.#ending.cancel({ text, ...(code === undefined ? {} : { code }) })
  }
  hostGone(): void {
    this.#breakOff('The terminal has ended.')
    this.#ending.gone('The terminal has ended.')
  }
  refuse(failure: Failure, rule: string | undefined): void {
    this.#ending.rule = rule
    this.cancel(failure.message, failure.code)
  }
  finish(): void {
    this.#ending.finish()
  }

  #offered(offered: OfferedFile): void {
    const { tally } = this
    const file: TallyFile = { name: offered.name, moved: 0, state: 'offered', ...(offered.bytes === undefined ? {} : { bytes: offered.bytes }) }
    tally.present = tally.files.push(file) - 1
    tally.count = Math.max(tally.count, tally.files.length - 1 + (offered.filesLeft ?? 1))
    if (offered.bytesLeft !== undefined) tally.bytes = tally.moved + offered.bytesLeft
    else if (tally.count === 1) tally.bytes = offered.bytes
    const refusal = this.#refuse(offered)
    if (refusal) {
      this.#refuseFile(file, refusal)
      return this.#pass()
    }
    if (this.#reader) return this.#take(file, offered)
    this.#offer = { file, offered }
    this.#waiting = this.#parts.clock.after(nextWithinMs, () => this.cancel('Nobody fetched the next file.'))
    tally.changed()
  }

  #refuse({ bytes, rawName }: OfferedFile): Failure | undefined {
    const verdict = judgeFile(this.#parts.rules, { direction: 'download', path: undefined, bytes }, undefined)
    if (verdict.permitted) return undefined
    const text = refusalWords(verdict, 'download')
    new FileStory(this.#parts.chronicle, rawName).refused(text, verdict)
    return new Failure('file_refused', text, { detail: { rule: verdict.rule } })
  }

  /** What ZMODEM cannot carry, or nobody could keep; the host goes on with the next. */
  #engineRefused({ name, bytes }: { name: string; bytes?: number }, failure: Failure): void {
    const file: TallyFile = { name: name === '' ? '_' : name, moved: 0, state: 'failed', ...(bytes === undefined ? {} : { bytes }) }
    this.tally.files.push(file)
    new FileStory(this.#parts.chronicle, name).refused(failure.message)
    this.#refuseFile(file, failure)
  }

  #refuseFile(file: TallyFile, failure: Failure): void {
    this.#refusal = failure
    Object.assign(file, { state: 'failed', text: failure.message })
    this.tally.changed()
  }

  /** On with the file after this one. */
  #pass(): void {
    this.#offer = undefined
    this.#waiting?.cancel()
    this.tally.changed()
    this.#receiver.skip()
  }

  #take(file: TallyFile, offered: OfferedFile): void {
    const reader = this.#reader
    if (!reader) return
    this.#offer = undefined
    file.state = 'running'
    const rules = { direction: 'download' as const, path: undefined }
    const most = Math.min(mostZmodemBytes, mostBytes(this.#parts.rules, rules, undefined))
    this.#current = { file, story: new FileStory(this.#parts.chronicle, offered.rawName), most }
    if (!reader.zip) reader.attachment.begin(file.name, file.bytes)
    else {
      if (reader.names.size === 0) reader.attachment.begin('files.zip')
      reader.zip.begin(unlike(reader.names, file.name), offered.mtime ?? this.#parts.clock.wallMs() / 1000)
    }
    this.tally.changed()
    this.#receiver.accept()
  }

  #block(block: Uint8Array): void {
    const current = this.#current
    if (!current || this.#ending.isEnding) return
    current.story.add(block)
    // The host may send more than it said.
    if (current.story.bytes > current.most) return this.#beyond(current)
    this.tally.add(current.file, block.length)
    if (this.#reader?.zip) this.#reader.zip.data(block)
    else this.#write(block)
  }

  #beyond(current: Current): void {
    const verdict = judgeFile(this.#parts.rules, { direction: 'download', path: undefined, bytes: current.story.bytes }, undefined)
    const text = verdict.permitted ? `“${current.file.name}” grew beyond 4 GiB. ${throughPanel}` : refusalWords(verdict, 'download')
    current.story.refused(text, verdict.permitted ? undefined : verdict)
    this.refuse(new Failure(verdict.permitted ? 'file_too_large' : 'file_refused', text), verdict.permitted ? undefined : verdict.rule)
  }

  #write(bytes: Uint8Array): void {
    if (this.#reader?.attachment.write(bytes) !== false) return
    this.#receiver.pause()
    this.#parts.host.pause()
  }

  #room(): void {
    if (this.#ending.isEnding) return
    this.#receiver.resume()
    this.#parts.host.resume()
  }

  #fileEnded(): void {
    this.#blocks.flush()
    const [current, reader] = [this.#current, this.#reader]
    if (!current || !reader || this.#ending.isEnding) return
    this.#current = undefined
    const { file, story } = current
    this.#ending.came(file, story)
    if (reader.zip) return reader.zip.end()
    reader.attachment.end()
    this.#reader = undefined
    this.#room()
  }

  #ended(end: ZmodemEnd): void {
    if (end.how === 'failed') {
      this.#breakOff(end.failure.message, end.failure.code)
      return this.#ending.over('failed', end.rest, { code: end.failure.code, text: end.failure.message })
    }
    this.#blocks.flush()
    this.#waiting?.cancel()
    const reader = this.#reader
    if (reader?.zip && reader.names.size > 0) {
      reader.zip.finish()
      reader.attachment.end()
    } else reader?.attachment.fail(this.#refusal ?? new Failure('file_not_found', 'The host sent no file.'))
    this.#reader = undefined
    const wasLeftOut = this.#refusal !== undefined && !this.tally.files.some(({ state }) => state === 'done' || state === 'skipped')
    if (!this.#refusal || !wasLeftOut) return this.#ending.over('done', end.rest)
    const { code, message, detail } = this.#refusal
    const rule = detail?.['rule']
    this.#ending.over('refused', end.rest, { code, text: message, ...(typeof rule === 'string' ? { rule } : {}) })
  }

  #left(attachment: Attachment): void {
    if (this.#reader?.attachment === attachment) this.cancel('The download was stopped in the browser.')
  }

  /** Nobody gets any more of it. */
  #breakOff(text: string, code: Failure['code'] = 'file_changed'): void {
    if (this.#ending.isEnding) return
    this.#waiting?.cancel()
    this.#offer = undefined
    const [reader, current] = [this.#reader, this.#current]
    this.#reader = this.#current = undefined
    if (current) {
      Object.assign(current.file, { state: 'failed', text })
      current.story.failed(text)
    }
    reader?.attachment.fail(new Failure(code, text))
  }
}

/** Files of several folders may have one name; in an archive each has its own. */
function unlike(taken: Set<string>, name: string): string {
  const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length
  let free = name
  for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${name.slice(0, dot)} (${count})${name.slice(dot)}`
  taken.add(free.toLowerCase())
  return free
}

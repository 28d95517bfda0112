// `rz` on the host: files that its owner sends, in order, in pieces that say where they belong. The host says where each begins: what it has already is not sent again.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { judgeFile, refusalWords } from '#domain/file-rule.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { mostZmodemBytes, type TransferAct } from '#domain/terminal-transfer.ts'
import { maxChunkBytes, type UploadOffset } from '#wire/files.ts'
import type { z } from 'zod'
import { answerFailure, answerJson } from '../files-door/answers.ts'
import { readPieces } from '../files-door/read-pieces.ts'
import { safeFileName } from '../files/file-names.ts'
import type { ZmodemEnd } from '../zmodem/end.ts'
import type { Header } from '../zmodem/frame.ts'
import { ZmodemSender } from '../zmodem/sender.ts'
import { throughPanel } from './download.ts'
import { Ending } from './ending.ts'
import { FileStory } from './file-story.ts'
import type { TallyFile } from './tally.ts'
import type { Transfer, TransferParts } from './transfer.ts'

/** Of whoever sends: `rz` waits somewhat longer. */
const bytesWithinMs = 60_000

/** In nothing that `rz` says; the prompt of most shells begins with it. */
const esc = 0x1b
const never = new AbortController().signal
const ended = () => new Failure('transfer_not_found', 'This transfer is over. Run rz again.')

type Accepted = Extract<TransferAct, { act: 'accept' }>
type Wanted = { file: TallyFile; bytes: number; mtime: number | undefined; story: FileStory }

export class Upload implements Transfer {
  readonly tally: TransferParts['tally']
  readonly #parts: TransferParts
  readonly #first: Header
  readonly #sender: ZmodemSender
  readonly #ending: Ending
  readonly #over = new AbortController()
  #waiting: Wanted[] = []
  #current: Wanted | undefined
  #isReading = false
  #room: (() => void) | undefined
  #patience: { cancel(): void } | undefined

  constructor(parts: TransferParts, first: Header) {
    this.#parts = parts
    this.#first = first
    this.tally = parts.tally
    this.#sender = new ZmodemSender({
      send: (bytes) => parts.host.write(bytes),
      accepted: (offset) => this.#accepted(offset),
      skipped: () => this.#skipped(),
      wantsMore: () => this.#goOn(),
      fileDone: () => this.#fileDone(),
      ended: (end) => this.#ended(end),
      now: () => parts.clock.nowMs(),
    })
    this.#ending = new Ending(parts, this.#sender)
  }

  /** The owner's consent, with what they want to send. What may not go is left out and said so. */
  accept({ files }: Accepted): void {
    if (this.tally.state !== 'asked' || this.#ending.isEnding) return
    let refusal: { code: Failure['code']; text: string; rule?: string } | undefined
    for (const { name: raw, bytes, mtime } of files) {
      const name = safeFileName(raw)
      const file: TallyFile = { name: name ?? '_', bytes, moved: 0, state: 'waiting' }
      this.tally.files.push(file)
      const refused = name === undefined ? { code: 'file_name_unsafe' as const, text: 'This name cannot be used.' } : this.#refuse(name, bytes)
      if (refused) {
        refusal = refused
        Object.assign(file, { state: 'failed', text: refused.text })
      } else this.#waiting.push({ file, bytes, mtime, story: new FileStory(this.#parts.chronicle, name ?? '_') })
    }
    this.tally.bytes = this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0)
    this.tally.begin()
    if (this.#waiting.length === 0 && refusal) return this.refuse(new Failure(refusal.code, refusal.text), refusal.rule)
    this.#sender.start(this.#first)
    this.#ending.watch()
    this.#next()
  }

  /** `PUT …/{index}?offset=N`. */
  put(request: IncomingMessage, response: ServerResponse, index: number, offset: number, secure: boolean): void {
    const refuse = (failure: Failure) => {
      answerFailure(response, failure, secure)
      // What still comes of the body is not read.
      request.resume()
    }
    const current = this.#current
    if (this.#ending.isEnding || this.tally.isOver) return refuse(ended())
    const file = this.tally.files[index]
    if (!file) return refuse(new Failure('transfer_not_found', 'This transfer has no such file.'))
    if (!current || current.file !== file || file.state !== 'running')
      return refuse(new Failure('conflict', `The host does not wait for this file: it is ${file.state}.`))
    if (this.#isReading) return refuse(new Failure('conflict', 'Bytes of this file are being sent already.'))
    const at = current.story.bytes
    if (offset !== at) return refuse(new Failure('offset_wrong', `This file goes on at ${at}.`, { detail: { offset: at } }))
    const length = Number(request.headers['content-length'] ?? NaN)
    if (!Number.isSafeInteger(length)) return refuse(new Failure('bad_request', 'The length of the bytes must be said (Content-Length).'))
    if (length > maxChunkBytes) return refuse(new Failure('too_large', `At most ${maxChunkBytes} bytes at once.`))
    if (at + length > current.bytes) return refuse(new Failure('bad_request', 'These are more bytes than the file has.'))
    // Whoever sends is told at once that it is over, and not when the next piece comes.
    const over = () => refuse(ended())
    this.#over.signal.addEventListener('abort', over, { once: true })
    this.#isReading = true
    void this.#read(request, current)
      .then(
        () => answerJson(response, 200, { offset: current.story.bytes } satisfies z.infer<typeof UploadOffset>, secure),
        (cause: unknown) => {
          if (!response.headersSent) refuse(isFailure(cause) ? cause : new Failure('internal', 'The bytes could not be passed on.'))
        },
      )
      .finally(() => this.#over.signal.removeEventListener('abort', over))
  }

  /** A file that has not begun is not wanted any more. */
  skip(index: number): void {
    const file = this.tally.files[index]
    const at = this.#waiting.findIndex((wanted) => wanted.file === file)
    if (at === -1 || !file) return
    this.#waiting.splice(at, 1)
    file.state = 'skipped'
    this.tally.changed()
  }

  input(bytes: Uint8Array): void {
    // What follows would be typed at a shell.
    if (this.#current && bytes.includes(esc)) this.cancel('The program on the host ended before it had all of the file.', 'host_file_error')
    this.#sender.input(bytes)
  }
  hostRoom(): void {
    this.#sender.hostRoom()
  }
  cancel(text: string, code?: Failure['code']): void {
    this.#breakOff(text)
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

  #refuse(name: string, bytes: number): { code: Failure['code']; text: string; rule?: string } | undefined {
    const story = () => new FileStory(this.#parts.chronicle, name)
    if (bytes > mostZmodemBytes) {
      const text = `“${name}” has 4 GiB or more, which rz cannot take whole. ${throughPanel}`
      story().refused(text)
      return { code: 'file_too_large', text }
    }
    const verdict = judgeFile(this.#parts.rules, { direction: 'upload', path: undefined, bytes }, undefined)
    if (verdict.permitted) return undefined
    const text = refusalWords(verdict, 'upload')
    story().refused(text, verdict)
    return { code: 'file_refused', text, ...(verdict.rule === undefined ? {} : { rule: verdict.rule }) }
  }

  #next(): void {
    const wanted = this.#waiting.shift()
    this.#current = wanted
    if (!wanted) return this.#sender.endBatch()
    this.tally.present = this.tally.files.indexOf(wanted.file)
    this.tally.changed()
    const { file, bytes, mtime } = wanted
    const left = this.#waiting.reduce((sum, each) => sum + each.bytes, bytes)
    this.#sender.offer({
      name: file.name,
      bytes,
      ...(mtime === undefined ? {} : { mtime: Math.floor(mtime / 1000) }),
      filesLeft: this.#waiting.length + 1,
      bytesLeft: left,
    })
  }

  #accepted(offset: number): void {
    const current = this.#current
    if (!current || this.#ending.isEnding) return
    current.story.beginsAt(offset)
    Object.assign(current.file, { state: 'running', from: offset })
    if (offset > 0) this.tally.add(current.file, offset)
    this.tally.changed()
    if (offset < current.bytes) this.#beAwaited()
  }

  async #read(request: IncomingMessage, current: Wanted): Promise<void> {
    try {
      for await (const piece of readPieces(request, never)) {
        if (this.#over.signal.aborted) throw ended()
        if (this.#current !== current) throw new Failure('conflict', 'The host takes no more of this file.')
        current.story.add(piece)
        this.tally.add(current.file, piece.length)
        this.#patience?.cancel()
        if (!this.#sender.write(piece)) await new Promise<void>((resolve) => (this.#room = resolve))
        if (this.#over.signal.aborted) throw ended()
        // The host has all of it, or wants no more.
        if (this.#current !== current) break
        this.#beAwaited()
      }
      if (current.story.bytes === current.bytes) this.#patience?.cancel()
    } finally {
      this.#isReading = false
    }
  }

  /** Whoever sends has so long for the next bytes. */
  #beAwaited(): void {
    this.#patience?.cancel()
    this.#patience = this.#parts.clock.after(bytesWithinMs, () => this.cancel('Nothing came from the browser for a minute.', 'client_lost'))
  }

  #goOn(): void {
    const room = this.#room
    this.#room = undefined
    room?.()
  }

  #skipped(): void {
    const current = this.#current
    if (!current || this.#ending.isEnding) return
    this.#patience?.cancel()
    const text = 'The host did not take it: it has a file of this name already, or the account may not write here.'
    Object.assign(current.file, { state: 'skipped', text })
    current.story.failed(text)
    this.#current = undefined
    this.#goOn()
    this.#next()
  }

  #fileDone(): void {
    const current = this.#current
    if (!current || this.#ending.isEnding) return
    this.#patience?.cancel()
    this.#ending.came(current.file, current.story)
    // The last piece may have waited for room: nobody asks for more of this file.
    this.#goOn()
    this.#next()
  }

  #ended(end: ZmodemEnd): void {
    const isFailed = end.how === 'failed'
    this.#breakOff(isFailed ? end.failure.message : 'The host wants no more.')
    if (isFailed) this.#ending.over('failed', end.rest, { code: end.failure.code, text: end.failure.message })
    else this.#ending.over('done', end.rest)
  }

  #breakOff(text: string): void {
    if (this.#ending.isEnding) return
    this.#patience?.cancel()
    const current = this.#current
    this.#current = undefined
    this.#waiting = []
    if (current) {
      Object.assign(current.file, { state: 'failed', text })
      current.story.failed(text)
    }
    this.#over.abort()
    this.#goOn()
  }
}

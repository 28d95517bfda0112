// The answer that carries files of `sz` to a browser's own downloads: nothing of them is held here but what the socket has not taken yet.
import type { ServerResponse } from 'node:http'
import type { Failure } from '#domain/failure.ts'
import { securityHeaders } from '../browser-door/security-headers.ts'
import { answerFailure } from '../files-door/answers.ts'
import { attachmentHeaders } from '../files/file-names.ts'

/** What a reader may be behind before the host stands still: a standstill at each write would leave both waiting for each other's turn. */
const mostBehindBytes = 1024 * 1024

export type AttachmentEvents = {
  /** It takes more again, after a `write` that said false. */
  room: () => void
  /** Whoever reads has gone before the end. */
  gone: () => void
}

export class Attachment {
  readonly #response: ServerResponse
  readonly #secure: boolean
  /** Of those that were announced; a reader that has them all may go before it is told the end. */
  #missing = Infinity
  #isOver = false

  constructor(response: ServerResponse, secure: boolean, events: AttachmentEvents) {
    this.#response = response
    this.#secure = secure
    response.on('drain', () => events.room())
    response.on('close', () => {
      if (this.#isOver) return
      this.#isOver = true
      if (this.#missing > 0) events.gone()
    })
    response.on('error', () => undefined)
  }

  /** Headers, at once, so that the download shows while the host still thinks. `bytes`: when that is how many will come. */
  begin(name: string, bytes?: number): void {
    this.#missing = bytes ?? Infinity
    const length = bytes === undefined ? {} : { 'content-length': String(bytes) }
    this.#response.writeHead(200, { ...securityHeaders('data', this.#secure), ...attachmentHeaders(name), ...length })
    this.#response.flushHeaders()
  }

  /** False: no more until `room`. The bytes are kept until they are taken. */
  write(bytes: Uint8Array): boolean {
    this.#missing -= bytes.length
    if (this.#isOver) return true
    return this.#response.write(bytes) || this.#response.writableLength < mostBehindBytes
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#response.end()
  }

  /** What has begun is cut, so that no browser takes it for whole. */
  fail(failure: Failure): void {
    if (this.#isOver) return
    this.#isOver = true
    answerFailure(this.#response, failure, this.#secure)
  }
}

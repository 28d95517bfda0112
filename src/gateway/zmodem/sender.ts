// The host runs `rz`: gives it files one by one, as their bytes come in. Bytes in, bytes out; no socket and no timer of its own.
import { Failure } from '#domain/failure.ts'
import { maxBatchFiles, mostZmodemBytes } from '#domain/terminal-transfer.ts'
import { Conversation } from './conversation.ts'
import { DataWriter } from './data-writer.ts'
import type { ZmodemEnd } from './end.ts'
import { controlEscapes, usualEscapes } from './escaping.ts'
import { fileInfoBytes } from './file-info.ts'
import { Can, Frame, flagsOf, type Header, SubpacketEnd } from './frame.ts'
import { frameWithData, hexHeader } from './header-writer.ts'

export type FileToSend = {
  /** A safe name. */
  name: string
  bytes: number
  /** Seconds since the epoch. */
  mtime?: number
  /** Of the batch, this file included. */
  filesLeft?: number
  bytesLeft?: number
}

export type SenderEvents = {
  /** To the host; given away. False: no more before `hostRoom` is called. */
  send: (bytes: Uint8Array) => boolean
  /** The host takes the offered file, from `offset` on: it has what is before. */
  accepted: (offset: number) => void
  /** The host does not want the file, or no more of it. */
  skipped: () => void
  /** All that was written is kept or sent: `write` may be called again. */
  wantsMore: () => void
  /** The host has all of the file. */
  fileDone: () => void
  /** The host asks for the CRC-32 of the first bytes (0: all) of the file, to see whether it has the same: answer with `answerCrc`. Without this, it is told that they differ. */
  crcAsked?: (bytes: number) => void
  ended: (end: ZmodemEnd) => void
  /** Milliseconds of a clock that never goes back. */
  now: () => number
}

/** ZF0 of ZFILE: bytes as they are. */
const binary = 1 * 2 ** 24
/** A ZRINIT that comes earlier behind our ZFILE was on its way before. */
const staleMs = 3_000
/** The same ZRPOS within this is one. */
const repeatedMs = 500

export class ZmodemSender {
  readonly #events: SenderEvents
  readonly #line: Conversation
  readonly #maxFiles: number
  #state: 'waiting' | 'ready' | 'offered' | 'data' | 'eof' | 'finishing' = 'waiting'
  #abilities = 0
  #bufferBytes = 0
  #file: FileToSend | undefined
  #files = 0
  #data: DataWriter | undefined
  /** What was written and does not fit yet. */
  #pending: Uint8Array | undefined
  #owesMore = false
  #rewoundTo = -1
  #rewoundAt = 0
  /** The host asked once more for where it was just sent back to. */
  #isAskedAgain = false
  #written = 0
  #hasRoom = true
  #lastSaid: Uint8Array = new Uint8Array(0)
  #saidAt = 0

  constructor(events: SenderEvents, { maxFiles = maxBatchFiles }: { maxFiles?: number } = {}) {
    this.#events = events
    this.#maxFiles = maxFiles
    this.#line = new Conversation(
      { send: (bytes) => void this.#send(bytes), ended: events.ended, now: events.now },
      {
        header: (header) => this.#header(header),
        // No receiver sends data.
        data: () => void this.#line.slip(),
        bad: () => this.#bad(),
        silent: () => this.#silent(),
      },
    )
    this.#line.patience(true)
  }

  /** With the ZRINIT that was found. Before that nothing is sent, and `cancel` alone may be called. */
  start(header: Header): void {
    this.#line.begin(header)
  }
  input(bytes: Uint8Array): void {
    this.#line.input(bytes)
  }
  /** To be called about ten times a second. */
  tick(): void {
    this.#line.tick()
    if (this.#isAskedAgain && this.#events.now() - this.#rewoundAt >= repeatedMs && this.#line.isTalking) this.#rewind(this.#rewoundTo)
  }

  /** The next file: once the sender was started, and each one before is done or skipped. */
  offer(file: FileToSend): void {
    if (!this.#line.isTalking) return
    if (this.#state !== 'ready') throw new Failure('conflict', 'The file before is not done yet.')
    if (file.bytes > mostZmodemBytes)
      throw new Failure('file_too_large', 'ZMODEM cannot carry 4 GiB or more. Send this file by SFTP: the Files panel, or sftp.')
    this.#files += 1
    if (this.#files > this.#maxFiles) throw new Failure('too_many_files', `At most ${this.#maxFiles} files can be sent at once. Pack them, or use SFTP.`)
    this.#file = file
    this.#state = 'offered'
    this.#line.patience(false)
    this.#line.progress()
    this.#offerAgain()
  }
  /** The next bytes of the accepted file. False: not again before `wantsMore`, and `bytes` must stay as they are until then. */
  write(bytes: Uint8Array): boolean {
    const data = this.#data
    if (!this.#line.isTalking || data === undefined || this.#file === undefined) return false
    if (this.#pending) throw new Failure('conflict', 'More was written before it was asked for.')
    this.#written += bytes.length
    if (this.#written > this.#file.bytes) throw new Failure('file_changed', 'The file has more bytes than were announced.')
    this.#pending = bytes
    this.#owesMore = !this.#pump()
    return !this.#owesMore
  }
  /** There are no more files. */
  endBatch(): void {
    if (!this.#line.isTalking) return
    if (this.#state !== 'ready') throw new Failure('conflict', 'The file before is not done yet.')
    this.#state = 'finishing'
    this.#line.patience(false)
    this.#say(hexHeader(Frame.ZFIN))
  }
  /** The host takes bytes again. */
  hostRoom(): void {
    if (this.#hasRoom) return
    this.#hasRoom = true
    this.#pumpAndAsk()
  }
  /** For `crcAsked`; undefined when it cannot be said, which the host takes for "differs". */
  answerCrc(crc: number | undefined): void {
    if (this.#line.isTalking) this.#say(hexHeader(Frame.ZCRC, crc ?? 0))
  }
  /** Ends it; `ended` follows within a second unless the host goes on sending. What comes must still be given to `input`. */
  cancel(): void {
    this.#line.breakOff(undefined)
  }

  #header(header: Header): void {
    switch (header.type) {
      case Frame.ZRINIT:
        return this.#receiverReady(header)
      case Frame.ZRPOS:
        return this.#position(header.value)
      case Frame.ZACK:
        return this.#confirmed(header.value)
      case Frame.ZSKIP:
        return this.#skipped()
      case Frame.ZCRC:
        if (this.#state !== 'offered' || !this.#line.slip()) return
        if (this.#events.crcAsked) this.#events.crcAsked(header.value)
        else this.answerCrc(undefined)
        return
      case Frame.ZNAK:
        if (this.#line.slip()) this.#sayAgain()
        return
      case Frame.ZFIN:
        return this.#finished()
      case Frame.ZCOMMAND:
        return this.#line.breakOff(new Failure('file_refused', 'The host asked to run a command on the side that sends. That is never done.'))
      case Frame.ZABORT:
      case Frame.ZFERR:
        return this.#line.breakOff(new Failure('host_file_error', 'The program on the host could not write the file.'))
      default:
        this.#line.slip()
    }
  }

  #receiverReady(header: Header): void {
    this.#abilities = flagsOf(header)
    this.#bufferBytes = header.value & 0xffff
    if (this.#state === 'waiting') this.#state = 'ready'
    else if (this.#state === 'eof') {
      this.#leaveFile()
      this.#events.fileDone()
    } else if (this.#state !== 'ready' && this.#line.slip() && this.#state !== 'data' && this.#events.now() - this.#saidAt >= staleMs) this.#sayAgain()
  }

  #position(offset: number): void {
    const { bytes = 0 } = this.#file ?? {}
    if (this.#state === 'offered') {
      if (offset > bytes) return this.#line.breakOff(new Failure('offset_wrong', 'The file on the host is longer than the one that was to follow it.'))
      const hasCrc32 = (this.#abilities & Can.crc32) !== 0
      const escapes = (this.#abilities & (Can.escapeControls | Can.escape8)) !== 0 ? controlEscapes : usualEscapes
      const mayStream = (this.#abilities & Can.fullDuplex) !== 0 && (this.#abilities & Can.overlapIo) !== 0
      this.#data = new DataWriter({ hasCrc32, escapes, mayStream, bufferBytes: this.#bufferBytes }, bytes, offset)
      this.#written = offset
      this.#state = 'data'
      this.#line.progress()
      this.#line.patience(true)
      this.#events.accepted(offset)
      this.#pump()
      return
    }
    if ((this.#state !== 'data' && this.#state !== 'eof') || !this.#data) return
    // lrzsz asks again with every few KB that were already on their way; answering each would send the same many times over.
    if (offset === this.#rewoundTo && this.#events.now() - this.#rewoundAt < repeatedMs) {
      this.#isAskedAgain = true
      return
    }
    this.#rewind(offset)
  }
  #rewind(offset: number): void {
    this.#rewoundTo = offset
    this.#rewoundAt = this.#events.now()
    this.#isAskedAgain = false
    if (!this.#line.slip()) return
    if (!this.#data?.rewind(offset))
      return this.#line.breakOff(new Failure('offset_wrong', 'The host asked for bytes that were not sent, or that it had confirmed.'))
    this.#state = 'data'
    this.#pumpAndAsk()
  }

  #confirmed(offset: number): void {
    if (this.#state !== 'data' && this.#state !== 'eof') return void this.#line.slip()
    if (!this.#data?.confirm(offset)) return void this.#line.slip()
    if (offset > this.#rewoundTo) this.#isAskedAgain = false
    this.#line.progress()
    if (this.#state === 'data') this.#pumpAndAsk()
  }

  #skipped(): void {
    if (this.#state !== 'offered' && this.#state !== 'data' && this.#state !== 'eof') return void this.#line.slip()
    this.#leaveFile()
    this.#events.skipped()
  }

  #pumpAndAsk(): void {
    if (!this.#pump() || !this.#owesMore) return
    this.#owesMore = false
    if (this.#state === 'data') this.#events.wantsMore()
  }

  /** Sends what there is room for; true when all that was written is kept, so that more may come. */
  #pump(): boolean {
    const data = this.#data
    if (!data || this.#state !== 'data') return false
    do {
      if (this.#pending) {
        const taken = data.add(this.#pending)
        this.#pending = taken < this.#pending.length ? this.#pending.subarray(taken) : undefined
      }
      while (this.#hasRoom && this.#line.isTalking) {
        const bytes = data.next()
        if (!bytes) break
        this.#send(bytes)
      }
    } while (this.#pending && data.hasRoom && this.#line.isTalking)
    // Its source is waited for, not the host.
    this.#line.patience(!this.#hasRoom || (!data.isWaiting && !data.isDone))
    if (data.isDone && this.#hasRoom && this.#line.isTalking) {
      this.#state = 'eof'
      this.#line.patience(false)
      this.#say(hexHeader(Frame.ZEOF, this.#file?.bytes ?? 0))
    }
    return this.#pending === undefined && this.#hasRoom && this.#line.isTalking
  }

  #leaveFile(): void {
    this.#state = 'ready'
    this.#file = undefined
    this.#data = undefined
    this.#pending = undefined
    this.#owesMore = false
    this.#rewoundTo = -1
    this.#isAskedAgain = false
    this.#line.progress()
    this.#line.patience(true)
  }

  #finished(): void {
    if (this.#state !== 'finishing') {
      const why = new Failure('host_file_error', 'The program on the host ended before it had all files.')
      this.#send(hexHeader(Frame.ZFIN))
      return this.#line.close(0, why)
    }
    this.#send(Uint8Array.of(0x4f, 0x4f))
    this.#line.close(0)
  }

  #bad(): void {
    if (this.#line.slip() && this.#state !== 'data') this.#sayAgain()
  }
  #silent(): void {
    // In the middle of the data it is the receiver that says where to go on; nothing of ours would help it.
    if (this.#state !== 'data') this.#sayAgain()
  }
  #offerAgain(): void {
    const { name, bytes, mtime, filesLeft = 1, bytesLeft = bytes } = this.#file ?? { name: '', bytes: 0 }
    const info = fileInfoBytes({ name, bytes, filesLeft, bytesLeft, ...(mtime !== undefined && { mtime }) })
    const hasCrc32 = (this.#abilities & Can.crc32) !== 0
    const escapes = (this.#abilities & (Can.escapeControls | Can.escape8)) !== 0 ? controlEscapes : usualEscapes
    this.#say(frameWithData(Frame.ZFILE, binary, info, SubpacketEnd.ZCRCW, { hasCrc32, escapes }))
  }

  #send(bytes: Uint8Array): void {
    if (!this.#events.send(bytes)) this.#hasRoom = false
  }
  #say(bytes: Uint8Array): void {
    this.#lastSaid = bytes
    this.#saidAt = this.#events.now()
    this.#send(bytes.slice())
  }
  #sayAgain(): void {
    if (this.#lastSaid.length === 0) return
    this.#saidAt = this.#events.now()
    this.#send(this.#lastSaid.slice())
  }
}

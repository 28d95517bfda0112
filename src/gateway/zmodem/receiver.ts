// The host runs `sz`: takes its files one by one, each only when its owner says so. Bytes in, bytes out; no socket and no timer of its own.
import { Failure } from '#domain/failure.ts'
import { maxBatchFiles, mostZmodemBytes } from '#domain/terminal-transfer.ts'
import { safeFileName } from '../files/file-names.ts'
import { attentionOf } from './attention.ts'
import { Conversation } from './conversation.ts'
import type { ZmodemEnd } from './end.ts'
import { type FileInfo, readFileInfo } from './file-info.ts'
import { Can, Frame, type Header, SubpacketEnd } from './frame.ts'
import { hexHeader } from './header-writer.ts'
import type { Subpacket } from './subpacket-reader.ts'

/** `name` is safe: one name, of at most 255 bytes. `bytes` is undefined when the host does not say. */
export type OfferedFile = FileInfo & { name: string }

export type ReceiverEvents = {
  /** To the host. Given away. */
  send: (bytes: Uint8Array) => void
  /** To be answered with `accept` or `skip`, at any time. */
  offered: (file: OfferedFile) => void
  /** A file that cannot be taken; the host has been told to go on with the next. */
  refused: (file: { name: string; bytes?: number }, failure: Failure) => void
  /** Of the accepted file, in order, checked. Lent: to be copied before it returns. */
  data: (bytes: Uint8Array) => void
  /** The file is whole, as long as was announced. */
  fileEnded: () => void
  ended: (end: ZmodemEnd) => void
  /** Milliseconds of a clock that never goes back. */
  now: () => number
}

/** Many small subpackets are told as one. */
const batchBytes = 64 * 1024
/** `sz` says its file again when it hears ZRINIT, and so does not give up (it does after 60 s) while a person thinks. */
const keepAliveMs = 20_000
/** Data flows, but no header that was asked for: it may have been lost on the way. */
const lostHeaderMs = 3_000
const initFlags = (Can.fullDuplex | Can.overlapIo | Can.crc32) * 2 ** 24

export class ZmodemReceiver {
  readonly #events: ReceiverEvents
  readonly #line: Conversation
  readonly #maxFiles: number
  #state: 'waiting' | 'offered' | 'data' = 'waiting'
  /** Type of the frame whose data is read. */
  #frame: number = Frame.ZRQINIT
  #attention: Uint8Array = new Uint8Array(0)
  #lastSaid: Uint8Array = new Uint8Array(0)
  #files = 0
  #file: OfferedFile | undefined
  /** Bytes of the file that are here and right. */
  #offset = 0
  /** Bytes of the frame that are here already, since the host began before the offset. */
  #known = 0
  #isReading = false
  #huntingSince = 0
  #hasHeard = false
  #offeredSince = 0
  #batch = new Uint8Array(batchBytes)
  #batched = 0

  constructor(events: ReceiverEvents, { maxFiles = maxBatchFiles }: { maxFiles?: number } = {}) {
    this.#events = events
    this.#maxFiles = maxFiles
    this.#line = new Conversation(events, {
      header: (header) => this.#header(header),
      data: (subpacket) => this.#data(subpacket),
      bad: (what) => this.#bad(what),
      silent: () => this.#sayAgain(),
    })
  }

  /** Tells the host that somebody is here. Before that nothing is sent, and `cancel` alone may be called. */
  start(): void {
    this.#say(hexHeader(Frame.ZRINIT, initFlags))
  }
  /** What the host sent. */
  input(bytes: Uint8Array): void {
    this.#hasHeard = true
    this.#line.input(bytes)
    this.#flush()
  }
  /** To be called about ten times a second. */
  tick(): void {
    const now = this.#events.now()
    this.#line.tick()
    if (!this.#line.isTalking) return
    if (this.#state === 'offered' && now - this.#offeredSince >= keepAliveMs) {
      this.#offeredSince = now
      this.#line.progress()
      this.#events.send(hexHeader(Frame.ZRINIT, initFlags))
    } else if (this.#state === 'data' && !this.#isReading && this.#hasHeard && now - this.#huntingSince >= lostHeaderMs && this.#line.slip()) this.#position()
  }

  /** The offered file is wanted, from `offset` on (what is before it is there already). */
  accept(offset = 0): void {
    if (this.#state !== 'offered' || !this.#line.isTalking) return
    if (offset > (this.#file?.bytes ?? mostZmodemBytes)) throw new Failure('offset_wrong', 'The file on the host is shorter than what is there already.')
    this.#state = 'data'
    this.#offset = offset
    this.#line.patience(false)
    this.#position()
  }
  /** The offered file is not wanted, or no more of the one that runs. */
  skip(): void {
    if (this.#state === 'waiting' || !this.#line.isTalking) return
    this.#line.hunt()
    this.#leaveFile()
    this.#say(hexHeader(Frame.ZSKIP))
  }
  /** Nobody takes the data: silence of the host is not its fault. */
  pause(): void {
    this.#line.patience(true)
  }
  resume(): void {
    this.#line.patience(this.#state === 'offered')
  }
  /** Ends it; `ended` follows within a second unless the host goes on sending. What comes must still be given to `input`. */
  cancel(): void {
    this.#line.breakOff(undefined)
  }

  #header(header: Header): void {
    this.#frame = header.type
    this.#isReading = false
    switch (header.type) {
      case Frame.ZRQINIT:
        if (this.#line.slip() && this.#state === 'waiting') this.#sayAgain()
        return
      case Frame.ZSINIT:
      case Frame.ZFILE:
        return
      case Frame.ZDATA:
        return this.#dataHeader(header.value)
      case Frame.ZEOF:
        return this.#endOfFile(header.value)
      case Frame.ZFIN:
        return this.#finish()
      case Frame.ZNAK:
        if (this.#line.slip()) this.#sayAgain()
        return
      case Frame.ZFREECNT:
        if (this.#line.slip()) this.#events.send(hexHeader(Frame.ZACK, 0xffffffff))
        return
      case Frame.ZCOMMAND:
        return this.#line.breakOff(new Failure('file_refused', 'The host asked to run a command on the side that receives. That is never done.'))
      case Frame.ZABORT:
      case Frame.ZFERR:
        return this.#line.breakOff(new Failure('host_file_error', 'The program on the host could not go on with the file.'))
      default:
        this.#line.slip()
    }
  }

  #dataHeader(from: number): void {
    if (this.#state === 'data' && from <= this.#offset) {
      this.#known = this.#offset - from
      this.#isReading = true
      return
    }
    this.#line.hunt()
    if (this.#line.slip() && this.#state === 'data') this.#position()
  }

  #data({ bytes, end }: Subpacket): void {
    if (this.#frame === Frame.ZFILE) return this.#fileHeader(bytes)
    if (this.#frame === Frame.ZSINIT) {
      this.#attention = attentionOf(bytes)
      if (this.#line.slip()) this.#events.send(hexHeader(Frame.ZACK, 1))
      return
    }
    if (!this.#isReading || this.#state !== 'data') return
    const known = Math.min(this.#known, bytes.length)
    this.#known -= known
    const count = bytes.length - known
    if (count > 0) {
      if (this.#offset + count > (this.#file?.bytes ?? mostZmodemBytes)) return this.#line.breakOff(tooMuch(this.#file))
      this.#offset += count
      this.#line.progress()
      this.#take(known > 0 ? bytes.subarray(known) : bytes)
    }
    if (end === SubpacketEnd.ZCRCQ || end === SubpacketEnd.ZCRCW) this.#events.send(hexHeader(Frame.ZACK, this.#offset))
    if (end !== SubpacketEnd.ZCRCE && end !== SubpacketEnd.ZCRCW) return
    this.#isReading = false
    this.#huntingSince = this.#events.now()
    this.#hasHeard = false
  }

  #take(bytes: Uint8Array): void {
    if (this.#batched + bytes.length > batchBytes) this.#flush()
    this.#batch.set(bytes, this.#batched)
    this.#batched += bytes.length
  }
  #flush(): void {
    const count = this.#batched
    this.#batched = 0
    if (count > 0 && this.#line.isTalking) this.#events.data(this.#batch.subarray(0, count))
  }

  #fileHeader(bytes: Uint8Array): void {
    // Said again, since our answer was lost or is on its way.
    if (this.#state === 'offered') return void this.#line.slip()
    if (this.#state === 'data') return this.#line.slip() ? this.#position() : undefined
    const info = readFileInfo(bytes)
    if (info === undefined) return this.#line.breakOff(new Failure('host_protocol_error', 'The host offered a file without a name.'))
    this.#files += 1
    if (this.#files > this.#maxFiles || (info.filesLeft ?? 0) > this.#maxFiles) {
      return this.#line.breakOff(new Failure('too_many_files', `At most ${this.#maxFiles} files can be sent at once. Pack them, or use SFTP.`))
    }
    this.#line.progress()
    const name = safeFileName(info.rawName)
    if (name === undefined || (info.bytes ?? 0) > mostZmodemBytes) {
      this.#say(hexHeader(Frame.ZSKIP))
      this.#events.refused({ name: name ?? '', ...(info.bytes !== undefined && { bytes: info.bytes }) }, name === undefined ? unsafe() : tooLarge())
      return
    }
    this.#file = { ...info, name }
    this.#state = 'offered'
    this.#offeredSince = this.#events.now()
    this.#line.patience(true)
    this.#events.offered(this.#file)
  }

  #endOfFile(offset: number): void {
    if (this.#state === 'waiting' && this.#line.slip()) return this.#sayAgain()
    // Of an earlier position: the host has since been told where to go on.
    if (this.#state !== 'data' || offset < this.#offset) return void this.#line.slip()
    if (offset > this.#offset) return this.#line.slip() ? this.#position() : undefined
    const { bytes } = this.#file ?? {}
    if (bytes !== undefined && offset !== bytes) return this.#line.breakOff(tooLittle())
    this.#flush()
    // What was told may have ended it.
    if (!this.#line.isTalking) return
    this.#leaveFile()
    this.#line.progress()
    this.#say(hexHeader(Frame.ZRINIT, initFlags))
    this.#events.fileEnded()
  }

  #leaveFile(): void {
    this.#state = 'waiting'
    this.#file = undefined
    this.#isReading = false
    this.#batched = 0
    this.#line.patience(false)
  }

  #finish(): void {
    this.#events.send(hexHeader(Frame.ZFIN))
    this.#line.close(2, this.#state === 'waiting' ? undefined : new Failure('host_file_error', 'The program on the host ended before the file was sent.'))
  }

  #bad(what: 'header' | 'data'): void {
    this.#isReading = false
    if (!this.#line.slip()) return
    if (this.#state === 'data') this.#position()
    else if (what === 'data') this.#events.send(hexHeader(Frame.ZNAK))
  }

  /** Where the host is to go on. */
  #position(): void {
    if (this.#attention.length > 0) this.#events.send(this.#attention.slice())
    this.#huntingSince = this.#events.now()
    this.#hasHeard = false
    this.#say(hexHeader(Frame.ZRPOS, this.#offset))
  }
  #say(bytes: Uint8Array): void {
    this.#lastSaid = bytes
    this.#events.send(bytes.slice())
  }
  #sayAgain(): void {
    if (this.#state === 'data') this.#position()
    else if (this.#lastSaid.length > 0) this.#events.send(this.#lastSaid.slice())
  }
}

const unsafe = () => new Failure('file_name_unsafe', 'The host offered a file whose name cannot be used.')
const tooLarge = () => new Failure('file_too_large', 'ZMODEM cannot carry 4 GiB or more. Fetch this file by SFTP: the Files panel, or sftp.')
const tooLittle = () => new Failure('file_changed', 'The host sent less of the file than it had announced.')
const tooMuch = (file: OfferedFile | undefined) =>
  file?.bytes === undefined ? tooLarge() : new Failure('file_changed', 'The host sent more of the file than it had announced.')

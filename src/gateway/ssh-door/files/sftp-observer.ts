// Sits beside an SFTP stream: knows which answer belongs to which request, tells what was done with which file, and answers itself what is not granted.
import type { FileDirection, FileRule } from '#domain/file-rule.ts'
import type { GrantAction } from '#domain/grant.ts'
import type { Clock } from '#session/clock.ts'
import type { ObserverLines, PassageExit, PassageObserver } from '#session/passage-ends.ts'
import { attrHasSize, OpenFlag, Sftp, SftpReader, StatusCode, statusPacket, statusWords } from '../../sftp/sftp-wire.ts'
import { type Denial, DoorRules, type FileBounds } from './door-rules.ts'
import { OwnQuestions } from './own-questions.ts'
import { findPlaces, type Found } from './place-finder.ts'
import { opensForChange, SftpFile } from './sftp-file.ts'
import { clientFault, hostFault, needsOfAnswer, needsOfRequest } from './sftp-heads.ts'
import { SftpPackets, type PacketFate } from './sftp-packets.ts'
import { type Done, judgeWish, needsSize, type Wish, wishOf, wishOfExtension } from './sftp-wishes.ts'
import { StandingInput } from './standing-input.ts'
import { type HeldRoom, sessionHeldBytes } from './whole-digest.ts'

/** Clients ask for 64 at most ahead, some for some hundred. */
const maxUnanswered = 1024
const maxFiles = 1024
const maxKnownSizes = 64
/** Lines on stderr about what is refused; the same is not said twice. */
const maxSaid = 16
const version = 3

/** What an answer is awaited for. */
type Asked =
  | { what: 'open'; path: string; flags: number; bounds: FileBounds | undefined; appendsAt: number | undefined }
  | { what: 'close'; handle: string }
  | { what: 'read'; file: SftpFile | undefined; offset: number; isBeyond?: boolean }
  | { what: 'write'; file: SftpFile | undefined; bytes: number }
  | { what: 'stat'; path: string; file?: SftpFile | undefined }
  | { what: 'deed'; done: Done }
  | { what: 'cut'; file: SftpFile; size: number }
  | { what: 'other' }

const other: Asked = { what: 'other' }
const unheld = 'Sallyport: where a grant limits files this request is not passed on'
const passes: PacketFate = { passes: true }
/** Extensions that change nothing and give no content; of the rest those that are known change something, and what is not known may do anything. */
const harmless = new Set([
  'statvfs@openssh.com',
  'fstatvfs@openssh.com',
  'limits@openssh.com',
  'expand-path@openssh.com',
  'home-directory',
  'users-groups-by-id@openssh.com',
])

export class SftpObserver implements PassageObserver {
  readonly #lines: ObserverLines
  readonly #may: Record<FileDirection, boolean>
  readonly #rules: DoorRules
  readonly #own: OwnQuestions
  readonly #input: StandingInput
  readonly #digestRoom: HeldRoom | undefined
  readonly #clock: Clock
  readonly #fromHost: SftpPackets
  readonly #asked = new Map<number, Asked>()
  readonly #files = new Map<string, SftpFile>()
  /** Sizes that the host said of paths, the latest last: a client may stop at one without asking for more. */
  readonly #sizes = new Map<string, number>()
  /** Our answers, which wait for the host to finish its packet. */
  #answers: Buffer[] = []
  readonly #said = new Set<string>()
  #hasBegun = false

  constructor(lines: ObserverLines, options: { may: readonly GrantAction[]; files: readonly FileRule[]; digests: boolean; clock: Clock }) {
    this.#lines = lines
    this.#may = { upload: options.may.includes('upload'), download: options.may.includes('download') }
    this.#rules = new DoorRules(options.files, options.may)
    this.#own = new OwnQuestions(
      (packet) => lines.toHost(packet),
      (id) => this.#asked.has(id),
    )
    this.#digestRoom = options.digests ? { left: sessionHeldBytes } : undefined
    this.#clock = options.clock
    const fromClient = new SftpPackets({
      needs: (head, bytes) => needsOfRequest(head, bytes),
      judge: (head) => this.#request(head),
      pass: (bytes) => lines.toHost(bytes),
      isSomethingWaiting: () => false,
      between: () => {},
      malformed: clientFault,
    })
    this.#input = new StandingInput(fromClient, lines)
    this.#fromHost = new SftpPackets({
      needs: (head, bytes) => needsOfAnswer(head, bytes, (id) => this.#own.has(id)),
      judge: (head) => this.#answer(head),
      pass: (bytes) => lines.toNear(bytes),
      isSomethingWaiting: () => this.#answers.length > 0,
      between: () => {
        for (const answer of this.#answers.splice(0)) lines.answer(answer)
      },
      malformed: hostFault,
    })
  }

  /** Bytes of packets that are not judged yet. */
  get heldBytes(): number {
    return this.#input.heldBytes + this.#fromHost.heldBytes
  }

  input(bytes: Uint8Array): void {
    this.#input.input(bytes)
  }
  output(bytes: Uint8Array): void {
    this.#fromHost.push(bytes)
    this.#input.goOn()
  }

  ended(_exit: PassageExit | undefined): void {
    const at = this.#clock.wallMs()
    for (const file of this.#files.values()) for (const act of file.acts(at, 'The session ended before the file was closed.')) this.#lines.act(act)
    for (const asked of this.#asked.values()) if (asked.what === 'deed') this.#did(asked.done, 'failed', 'The session ended before the host answered.')
    this.#files.clear()
    this.#asked.clear()
  }

  #request(head: Buffer): PacketFate {
    const type = head[4]
    const reader = new SftpReader(head, 5, clientFault)
    if (type === Sftp.init) return this.#begin(head, reader)
    if (!this.#hasBegun) return clientFault('a request before the version')
    const id = reader.uint32()
    if (this.#asked.has(id)) return clientFault('two requests of one number')
    if (this.#asked.size + this.#answers.length >= maxUnanswered) return clientFault('more than 1024 requests without waiting for an answer')
    const wish = wishOf(type, reader)
    if (wish) return this.#wish(head, id, wish)
    switch (type) {
      case Sftp.close:
        return this.#close(id, reader.handle())
      case Sftp.read:
        return this.#may.download ? this.#read(head, id, reader) : this.#deny(id, 'download')
      case Sftp.write:
        return this.#write(id, reader)
      case Sftp.fsetstat:
        return this.#fsetstat(id, reader)
      case Sftp.stat:
      case Sftp.lstat:
        return this.#ask(id, { what: 'stat', path: reader.path() })
      case Sftp.fstat: {
        const file = this.#files.get(reader.handle())
        return this.#ask(id, { what: 'stat', path: '', file })
      }
      case Sftp.opendir:
      case Sftp.readdir:
      case Sftp.realpath:
      case Sftp.readlink:
        return this.#ask(id, other)
      case Sftp.extended:
        return this.#extended(head, id, reader)
      default:
        return this.#refuse(id, StatusCode.unsupported, 'Sallyport does not know this request')
    }
  }

  /** Later versions write their packets in other ways: both sides are held to this one. */
  #begin(head: Buffer, reader: SftpReader): PacketFate {
    if (this.#hasBegun) return clientFault('a second version')
    this.#hasBegun = true
    if (reader.uint32() <= version) return passes
    const instead = Buffer.from(head)
    instead.writeUInt32BE(version, 5)
    return { passes: true, instead }
  }

  #close(id: number, handle: string): PacketFate {
    const file = this.#files.get(handle)
    if (file) file.isClosing = true
    return this.#ask(id, { what: 'close', handle })
  }

  /** Never more than may be read. Behind that one byte is asked for, to tell the end of the file from what is not to be seen. */
  #read(head: Buffer, id: number, reader: SftpReader): PacketFate {
    const file = this.#files.get(reader.handle())
    const offset = reader.uint64()
    if (!this.#rules.isBound) return this.#ask(id, { what: 'read', file, offset })
    const length = reader.uint32()
    if (!file?.bounds || file.isClosing) return this.#refuse(id, StatusCode.failure, 'no such open file')
    const left = file.bounds.read - offset
    this.#ask(id, { what: 'read', file, offset, isBeyond: left <= 0 })
    if (length <= left) return passes
    const instead = Buffer.from(head)
    instead.writeUInt32BE(Math.max(1, left), 13 + instead.readUInt32BE(9) + 8)
    return { passes: true, instead }
  }

  #write(id: number, reader: SftpReader): PacketFate {
    const file = this.#files.get(reader.handle())
    const offset = reader.uint64()
    const bytes = reader.uint32()
    if (!this.#may.upload) return this.#deny(id, 'upload')
    if (this.#rules.isBound) {
      if (!file?.bounds || file.isClosing) return this.#refuse(id, StatusCode.failure, 'no such open file')
      const end = ((file.flags & OpenFlag.append) === 0 ? offset : file.appendsAt) + bytes
      if (end > file.bounds.write) return this.#tooLarge(id, file, 'upload')
      file.appendsAt += bytes
    }
    let at = offset
    this.#ask(id, { what: 'write', file, bytes })
    return {
      passes: true,
      body: file && ((piece) => (file.sent(at, piece), (at += piece.length))),
    }
  }

  #fsetstat(id: number, reader: SftpReader): PacketFate {
    const file = this.#files.get(reader.handle())
    const attributes = reader.uint32()
    const size = (attributes & attrHasSize) === 0 ? 0 : reader.uint64()
    if (!this.#may.upload) return this.#deny(id, 'upload', { deed: 'setstat', path: file?.path ?? '' })
    if (this.#rules.isBound) {
      if (!file?.bounds || file.isClosing) return this.#refuse(id, StatusCode.failure, 'no such open file')
      if (file.bounds.change) return this.#denied(id, file.bounds.change, { deed: 'setstat', path: file.path })
      if (size > file.bounds.write) return this.#tooLarge(id, file, 'upload')
    }
    // Part of writing it, and told with that.
    if (file && attributes === attrHasSize) return this.#ask(id, { what: 'cut', file, size })
    if ((attributes & attrHasSize) !== 0) file?.changed()
    return this.#ask(id, { what: 'deed', done: { deed: 'setstat', path: file?.path ?? '' } })
  }

  #extended(head: Buffer, id: number, reader: SftpReader): PacketFate {
    const name = reader.string().toString('latin1')
    const wish = wishOfExtension(name, reader)
    if (wish) return this.#wish(head, id, wish)
    switch (name) {
      case 'fsync@openssh.com':
        return this.#may.upload ? this.#ask(id, other) : this.#deny(id, 'upload')
      case 'copy-data': {
        if (this.#rules.isBound) return this.#refuse(id, StatusCode.unsupported, unheld)
        reader.handle()
        reader.uint64()
        reader.uint64()
        if (!this.#may.upload) return this.#deny(id, 'upload')
        this.#files.get(reader.handle())?.changed()
        return this.#ask(id, other)
      }
      default:
        if (harmless.has(name) || (this.#may.upload && this.#may.download && !this.#rules.isBound)) return this.#ask(id, other)
        return this.#refuse(id, StatusCode.unsupported, this.#rules.isBound ? unheld : 'Sallyport does not know this request')
    }
  }

  #ask(id: number, asked: Asked): PacketFate {
    this.#asked.set(id, asked)
    return passes
  }

  /** Goes on, is refused, or waits until the host has said what the rules hang on. */
  #wish(head: Buffer, id: number, wish: Wish): PacketFate {
    const { done, uses, places, flags } = wish
    const lacking = uses.find((use) => !this.#may[use])
    if (lacking) return this.#deny(id, lacking, flags === undefined ? done : { ...done, deed: lacking })
    if (flags !== undefined && this.#files.size >= maxFiles) return this.#refuse(id, StatusCode.failure, 'too many open files')
    const rules = this.#rules
    if (!rules.isBound) return this.#granted(id, wish)
    const wanted = {
      places: rules.hangsOnPath ? places : [],
      home: rules.wantsHome && rules.home === undefined,
      sizeOf: needsSize(wish, rules) ? places[0]?.raw : undefined,
    }
    if (wanted.places.length === 0 && !wanted.sizeOf) return this.#decide(id, wish, { paths: [], home: undefined, bytes: undefined })
    const packet = Buffer.from(head)
    const decide = (found: Found) => this.#decide(id, wish, found).passes && this.#lines.toHost(packet)
    this.#input.hold(() => findPlaces(this.#own, wanted, (found) => this.#input.decided(() => decide(found))))
    return { passes: false, stops: true }
  }

  #decide(id: number, wish: Wish, found: Found): PacketFate {
    this.#rules.home ??= found.home
    const judged = judgeWish(wish, found, this.#rules)
    return 'denial' in judged ? this.#denied(id, judged.denial, judged.done) : this.#granted(id, wish, judged.bounds, found.bytes)
  }

  #granted(id: number, { done, flags }: Wish, bounds?: FileBounds, appendsAt?: number): PacketFate {
    return this.#ask(id, flags === undefined ? { what: 'deed', done } : { what: 'open', path: done.path, flags, bounds, appendsAt })
  }

  #tooLarge(id: number, file: SftpFile, direction: FileDirection): PacketFate {
    file.refused ??= this.#rules.tooLarge(direction, file.bounds?.path)
    return this.#denied(id, file.refused)
  }

  #deny(id: number, lacking: FileDirection, done?: Done): PacketFate {
    return this.#denied(id, { failure: `${lacking}s are not part of your access to this host` }, done)
  }

  /** The words stand in the answer, and on stderr too: most clients show no more of an answer than its number. */
  #denied(id: number, { failure, rule }: Denial, done?: Done): PacketFate {
    if (done) this.#did(done, 'refused', failure, rule)
    if (this.#said.size < maxSaid && !this.#said.has(failure)) {
      this.#said.add(failure)
      this.#lines.say(failure)
    }
    return this.#refuse(id, StatusCode.permissionDenied, `Sallyport: ${failure}`)
  }

  #refuse(id: number, code: number, text: string): PacketFate {
    const answer = statusPacket(id, code, text)
    if (this.#fromHost.isBetween) this.#lines.answer(answer)
    else this.#answers.push(answer)
    return { passes: false }
  }

  #answer(head: Buffer): PacketFate {
    const type = head[4]
    const reader = new SftpReader(head, 5, hostFault)
    if (type === Sftp.version) return reader.uint32() > version ? hostFault('a version that was not asked for') : passes
    const id = reader.uint32()
    if (this.#own.has(id)) {
      this.#own.answered(id, type, reader)
      return { passes: false }
    }
    const asked = this.#asked.get(id)
    if (!asked) return hostFault('an answer to nothing')
    this.#asked.delete(id)
    if (type === Sftp.status) {
      const code = reader.uint32()
      // The words came with version 3.
      this.#status(asked, code, code === StatusCode.ok || reader.isAtEnd ? '' : statusWords(code, reader.string().toString('utf8')))
    } else if (type === Sftp.handle && asked.what === 'open') this.#opened(reader.handle(), asked)
    else if (type === Sftp.attrs && asked.what === 'stat') this.#sized(asked, reader)
    else if (type === Sftp.data && asked.what === 'read') {
      const { file } = asked
      if (file && asked.isBeyond) return this.#tooLarge(id, file, 'download')
      let at = asked.offset
      return file ? { passes: true, body: (piece) => (file.came(at, piece), (at += piece.length)) } : passes
    }
    return passes
  }

  #opened(handle: string, { path, flags, bounds, appendsAt = 0 }: Extract<Asked, { what: 'open' }>): void {
    const before = this.#files.get(handle)
    if (before) this.#closed(before, 'The host forgot that it is open.')
    const file = new SftpFile(path, flags, this.#digestRoom)
    file.size = this.#sizes.get(path)
    file.bounds = bounds
    file.appendsAt = appendsAt
    this.#files.set(handle, file)
  }

  #sized(asked: Extract<Asked, { what: 'stat' }>, reader: SftpReader): void {
    if ((reader.uint32() & attrHasSize) === 0) return
    const size = reader.uint64()
    if (asked.file) asked.file.size = size
    else {
      this.#sizes.delete(asked.path)
      this.#sizes.set(asked.path, size)
      if (this.#sizes.size > maxKnownSizes) for (const oldest of this.#sizes.keys()) return void this.#sizes.delete(oldest)
    }
  }

  #status(asked: Asked, code: number, words: string): void {
    const hasFailed = code !== StatusCode.ok
    switch (asked.what) {
      case 'open':
        if (hasFailed) this.#did({ deed: opensForChange(asked.flags) ? 'upload' : 'download', path: asked.path }, 'failed', words)
        return
      case 'close': {
        const file = this.#files.get(asked.handle)
        this.#files.delete(asked.handle)
        if (file) this.#closed(file, hasFailed ? words : undefined)
        return
      }
      case 'read':
        if (code === StatusCode.eof) asked.file?.endsAt(asked.offset)
        else if (hasFailed && asked.file) asked.file.failure ??= words
        return
      case 'write':
        if (!asked.file) return
        if (hasFailed) asked.file.failure ??= words
        else asked.file.written += asked.bytes
        return
      case 'cut':
        if (hasFailed) asked.file.failure ??= words
        else asked.file.cut(asked.size)
        return
      case 'deed':
        return hasFailed ? this.#did(asked.done, 'failed', words) : this.#did(asked.done, 'done')
      case 'stat':
      case 'other':
        return
      default:
        asked satisfies never
    }
  }

  #closed(file: SftpFile, broken: string | undefined): void {
    for (const act of file.acts(this.#clock.wallMs(), broken)) this.#lines.act(act)
  }

  #did(done: Done, outcome: 'done' | 'failed' | 'refused', failure?: string, rule?: string): void {
    const why = { ...(failure === undefined ? {} : { failure }), ...(rule === undefined ? {} : { rule }) }
    this.#lines.act({ act: 'file', at: this.#clock.wallMs(), way: 'sftp', ...done, outcome, ...why })
  }
}

// Sits beside an SFTP stream: knows which answer belongs to which request, tells what was done with which file, and answers itself what is not granted.
import type { SessionAct } from '#domain/session-act.ts'
import { Failure } from '#domain/failure.ts'
import type { Clock } from '#session/clock.ts'
import type { ObserverLines, PassageExit, PassageObserver } from '#session/passage-ends.ts'
import { opensForChange, opensForReading, SftpFile } from './sftp-file.ts'
import { SftpPackets, type PacketFate } from './sftp-packets.ts'
import { attrHasSize, Sftp, SftpReader, StatusCode, statusPacket, statusWords } from '../../sftp/sftp-wire.ts'
import { type HeldRoom, sessionHeldBytes } from './whole-digest.ts'

/** Clients ask for 64 at most ahead, some for some hundred. */
const maxUnanswered = 1024
const maxFiles = 1024
const maxKnownSizes = 64
const version = 3

type Deed = Extract<SessionAct, { act: 'file' }>['deed']
type Done = { deed: Deed; path: string; to?: string }
/** What an answer is awaited for. */
type Asked =
  | { what: 'open'; path: string; flags: number }
  | { what: 'close'; handle: string }
  | { what: 'read'; file: SftpFile | undefined; offset: number }
  | { what: 'write'; file: SftpFile | undefined; bytes: number }
  | { what: 'stat'; path: string; file?: SftpFile | undefined }
  | { what: 'deed'; done: Done }
  | { what: 'cut'; file: SftpFile; size: number }
  | { what: 'other' }

const other: Asked = { what: 'other' }
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
  readonly #may: { upload: boolean; download: boolean }
  readonly #digestRoom: HeldRoom | undefined
  readonly #clock: Clock
  readonly #fromClient: SftpPackets
  readonly #fromHost: SftpPackets
  readonly #asked = new Map<number, Asked>()
  readonly #files = new Map<string, SftpFile>()
  /** Sizes that the host said of paths, the latest last: a client may stop at one without asking for more. */
  readonly #sizes = new Map<string, number>()
  /** Our answers, which wait for the host to finish its packet. */
  #answers: Buffer[] = []
  #hasBegun = false

  constructor(lines: ObserverLines, options: { may: { upload: boolean; download: boolean }; digests: boolean; clock: Clock }) {
    this.#lines = lines
    this.#may = options.may
    this.#digestRoom = options.digests ? { left: sessionHeldBytes } : undefined
    this.#clock = options.clock
    this.#fromClient = new SftpPackets({
      needs: (head, bytes) => needsOfRequest(head, bytes),
      judge: (head) => this.#request(head),
      pass: (bytes) => lines.toHost(bytes),
      isSomethingWaiting: () => false,
      between: () => {},
      malformed: clientFault,
    })
    this.#fromHost = new SftpPackets({
      needs: (head, bytes) => needsOfAnswer(head, bytes),
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
    return this.#fromClient.heldBytes + this.#fromHost.heldBytes
  }

  input(bytes: Uint8Array): void {
    this.#fromClient.push(bytes)
  }
  output(bytes: Uint8Array): void {
    this.#fromHost.push(bytes)
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
    switch (type) {
      case Sftp.open:
        return this.#open(id, reader.path(), reader.uint32())
      case Sftp.close:
        return this.#ask(id, { what: 'close', handle: reader.handle() })
      case Sftp.read:
        return this.#may.download
          ? this.#ask(id, { what: 'read', file: this.#files.get(reader.handle()), offset: reader.uint64() })
          : this.#deny(id, 'download')
      case Sftp.write:
        return this.#write(id, reader)
      case Sftp.fsetstat:
        return this.#fsetstat(id, reader)
      case Sftp.setstat:
        return this.#change(id, { deed: 'setstat', path: reader.path() })
      case Sftp.remove:
        return this.#change(id, { deed: 'remove', path: reader.path() })
      case Sftp.mkdir:
        return this.#change(id, { deed: 'mkdir', path: reader.path() })
      case Sftp.rmdir:
        return this.#change(id, { deed: 'rmdir', path: reader.path() })
      case Sftp.rename:
        return this.#change(id, { deed: 'rename', path: reader.path(), to: reader.path() })
      case Sftp.symlink: {
        // OpenSSH and with it everybody says the target first, against the draft.
        const to = reader.path()
        return this.#change(id, { deed: 'symlink', path: reader.path(), to })
      }
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
        return this.#extended(id, reader)
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

  #open(id: number, path: string, flags: number): PacketFate {
    const lacking = opensForChange(flags) && !this.#may.upload ? 'upload' : opensForReading(flags) && !this.#may.download ? 'download' : undefined
    if (lacking) return this.#deny(id, lacking, { deed: lacking, path })
    if (this.#files.size >= maxFiles) return this.#refuse(id, StatusCode.failure, 'too many open files')
    return this.#ask(id, { what: 'open', path, flags })
  }

  #write(id: number, reader: SftpReader): PacketFate {
    const file = this.#files.get(reader.handle())
    const offset = reader.uint64()
    const bytes = reader.uint32()
    if (!this.#may.upload) return this.#deny(id, 'upload')
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
    // Part of writing it, and told with that.
    if (this.#may.upload && file && attributes === attrHasSize) return this.#ask(id, { what: 'cut', file, size: reader.uint64() })
    if ((attributes & attrHasSize) !== 0) file?.changed()
    return this.#change(id, { deed: 'setstat', path: file?.path ?? '' })
  }

  #extended(id: number, reader: SftpReader): PacketFate {
    const name = reader.string().toString('latin1')
    switch (name) {
      case 'posix-rename@openssh.com':
        return this.#change(id, { deed: 'rename', path: reader.path(), to: reader.path() })
      case 'hardlink@openssh.com': {
        const to = reader.path()
        return this.#change(id, { deed: 'link', path: reader.path(), to })
      }
      case 'lsetstat@openssh.com':
        return this.#change(id, { deed: 'setstat', path: reader.path() })
      case 'fsync@openssh.com':
        return this.#may.upload ? this.#ask(id, other) : this.#deny(id, 'upload')
      case 'copy-data': {
        reader.handle()
        reader.uint64()
        reader.uint64()
        if (!this.#may.upload) return this.#deny(id, 'upload')
        this.#files.get(reader.handle())?.changed()
        return this.#ask(id, other)
      }
      default:
        if (harmless.has(name) || (this.#may.upload && this.#may.download)) return this.#ask(id, other)
        return this.#refuse(id, StatusCode.unsupported, 'Sallyport does not know this request')
    }
  }

  #ask(id: number, asked: Asked): PacketFate {
    this.#asked.set(id, asked)
    return passes
  }

  #change(id: number, done: Done): PacketFate {
    return this.#may.upload ? this.#ask(id, { what: 'deed', done }) : this.#deny(id, 'upload', done)
  }

  #deny(id: number, lacking: 'upload' | 'download', done?: Done): PacketFate {
    const text = `Sallyport: ${lacking}s are not part of your access to this host`
    if (done) this.#did(done, 'refused', text)
    return this.#refuse(id, StatusCode.permissionDenied, text)
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
    const asked = this.#asked.get(id)
    if (!asked) return hostFault('an answer to nothing')
    this.#asked.delete(id)
    if (type === Sftp.status) {
      const code = reader.uint32()
      // The words came with version 3.
      this.#status(asked, code, code === StatusCode.ok || reader.isAtEnd ? '' : statusWords(code, reader.string().toString('utf8')))
    } else if (type === Sftp.handle && asked.what === 'open') this.#opened(reader.handle(), asked.path, asked.flags)
    else if (type === Sftp.attrs && asked.what === 'stat') this.#sized(asked, reader)
    else if (type === Sftp.data && asked.what === 'read') {
      const { file } = asked
      let at = asked.offset
      return file ? { passes: true, body: (piece) => (file.came(at, piece), (at += piece.length)) } : passes
    }
    return passes
  }

  #opened(handle: string, path: string, flags: number): void {
    const before = this.#files.get(handle)
    if (before) this.#closed(before, 'The host forgot that it is open.')
    const file = new SftpFile(path, flags, this.#digestRoom)
    file.size = this.#sizes.get(path)
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

  #did(done: Done, outcome: 'done' | 'failed' | 'refused', failure?: string): void {
    this.#lines.act({ act: 'file', at: this.#clock.wallMs(), way: 'sftp', ...done, outcome, ...(failure === undefined ? {} : { failure }) })
  }
}

/** Of data only what stands before it: length, type, number, handle, offset, length. */
function needsOfRequest(head: Buffer, bytes: number): number {
  if (head[4] !== Sftp.write) return bytes
  if (head.length < 13) return 13
  const need = 13 + head.readUInt32BE(9) + 12
  if (need <= head.length && head.readUInt32BE(need - 4) !== bytes - need) return clientFault('data of another length than announced')
  return need
}

/** Listings and the like are not read, of attributes the size. */
function needsOfAnswer(head: Buffer, bytes: number): number {
  switch (head[4]) {
    case Sftp.data: {
      if (head.length >= 13 && head.readUInt32BE(9) !== bytes - 13) return hostFault('data of another length than announced')
      return 13
    }
    case Sftp.name:
    case Sftp.extendedReply:
      return 9
    case Sftp.attrs:
      return Math.min(bytes, 21)
    case Sftp.version:
      return 9
    case Sftp.status:
    case Sftp.handle:
      return bytes
    default:
      return hostFault('an answer of no known kind')
  }
}

function clientFault(why: string): never {
  throw new Failure('client_protocol_error', `The client does not speak SFTP as it should: ${why}.`)
}
function hostFault(why: string): never {
  throw new Failure('host_protocol_error', `The host does not speak SFTP as it should: ${why}.`)
}

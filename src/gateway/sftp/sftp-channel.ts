// One SFTP channel to a host: requests under way are bounded and matched with their answers by id; whatever does not fit ends the channel, and everything that waits ends with it.
import { Failure, isFailure } from '#domain/failure.ts'
import type { Channel } from '#ssh/channel.ts'
import { wireString } from '#ssh/wire-reader.ts'
import type { HostConnection } from '../far/host-connection.ts'
import { AnswerStream } from './answer-stream.ts'
import { PacketRooms } from './packet-rooms.ts'
import { setId } from './sftp-request.ts'
import { Sftp, SftpReader } from './sftp-wire.ts'

const version = 3
const maxUnderWay = 64
const maxWaiting = 4096
const maxExtensions = 64
const versionWithinMs = 20_000
/** Putting some gigabytes onto a slow disk (fsync) takes minutes; a pipe that somebody put in a file's place never answers. */
const silenceMs = 300_000

/** Behind the id. */
export type Answer = { type: number; reader: SftpReader; fail: (why: string) => never }
type Pending = { settle: (answer: Answer | Error) => void }

export class SftpChannel {
  readonly extensions: ReadonlyMap<string, string>
  readonly rooms: PacketRooms
  readonly #channel: Channel
  readonly #pending: Map<number, Pending>
  readonly #waiting: (() => void)[] = []
  readonly #over = new AbortController()
  #lastId = 0
  #slots = maxUnderWay
  #heardAt = performance.now()
  readonly #clock: NodeJS.Timeout

  private constructor(channel: Channel, extensions: ReadonlyMap<string, string>, pending: Map<number, Pending>, rooms: PacketRooms) {
    this.#channel = channel
    this.rooms = rooms
    this.extensions = extensions
    this.#pending = pending
    this.#clock = setInterval(() => this.#watch(), silenceMs / 8)
    this.#clock.unref()
  }

  /** Throws `Failure`: `channel_refused` when the host has no SFTP, `host_protocol_error`, `host_timeout`, what ended the connection, or the signal's reason. */
  static async open(connection: HostConnection, signal: AbortSignal): Promise<SftpChannel> {
    const channel = await connection.session(signal)
    try {
      await connection.require(channel, 'the transfer of files (SFTP)', 'subsystem', wireString('sftp'), signal)
      return await SftpChannel.#greet(channel, AbortSignal.any([signal, connection.gone]))
    } catch (cause) {
      channel.destroy()
      throw cause
    }
  }

  static #greet(channel: Channel, signal: AbortSignal): Promise<SftpChannel> {
    const pending = new Map<number, Pending>()
    const rooms = new PacketRooms()
    let opened: SftpChannel | undefined
    return new Promise((resolve, reject) => {
      const onAbort = () => ended(signal.reason instanceof Error ? signal.reason : new Error('it was given up'))
      const timer = setTimeout(() => ended(new Failure('host_timeout', 'The host does not begin to speak SFTP.')), versionWithinMs)
      const leave = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      const ended = (cause: Error) => {
        leave()
        channel.destroy()
        if (opened) opened.#end(cause)
        else reject(cause)
      }
      // Also when an answer is read later, by whoever asked: nothing that follows can be trusted.
      const fail = (why: string): never => {
        const cause = new Failure('host_protocol_error', `The host does not speak SFTP as it should: ${why}.`)
        ended(cause)
        throw cause
      }
      const answers = new AnswerStream(
        (packet) => {
          if (opened) return opened.#take(packet, fail)
          leave()
          opened = new SftpChannel(channel, readVersion(packet, fail), pending, rooms)
          resolve(opened)
        },
        fail,
        rooms,
      )
      signal.addEventListener('abort', onAbort, { once: true })
      channel.listen({
        data: (bytes, isStderr) => {
          if (isStderr) return
          try {
            answers.push(bytes)
          } catch (cause) {
            // What is over has been told why.
            if (!isFailure(cause)) throw cause
          }
        },
        closed: (cause) => ended(cause ?? new Failure('host_protocol_error', 'The host ended the transfer of files.')),
      })
      channel.resume()
      channel.write(Buffer.of(0, 0, 0, 5, Sftp.init, 0, 0, 0, version))
    })
  }

  /** Aborted when nothing can be asked any more; the reason is why. */
  get gone(): AbortSignal {
    return this.#over.signal
  }

  /** Room for one request more: each must be followed by one `send`. */
  slot(signal: AbortSignal): Promise<void> | undefined {
    if (this.#over.signal.aborted) return Promise.reject(reasonOf(this.#over.signal))
    if (signal.aborted) return Promise.reject(reasonOf(signal))
    if (this.#slots > 0) {
      this.#slots -= 1
      return undefined
    }
    if (this.#waiting.length >= maxWaiting) return Promise.reject(new Failure('rate_limited', 'Too much is asked of the host at once.'))
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', giveUp)
        this.gone.removeEventListener('abort', giveUp)
      }
      const mine = () => {
        leave()
        resolve()
      }
      const giveUp = () => {
        leave()
        const at = this.#waiting.indexOf(mine)
        if (at !== -1) this.#waiting.splice(at, 1)
        reject(reasonOf(this.gone.aborted ? this.gone : signal))
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.gone.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(mine)
    })
  }

  /** Sends at once what has a slot; the bytes stay as they are until the answer is there. Rejects when the channel ends first. */
  send(packet: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#over.signal.aborted) return reject(reasonOf(this.#over.signal))
      const id = this.#nextId()
      setId(packet, id)
      if (this.#pending.size === 0) this.#heardAt = performance.now()
      this.#pending.set(id, { settle: (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)) })
      this.#channel.write(packet, false, true)
    })
  }

  /** `late`: the answer to what was given up meanwhile, such as a handle that is to be closed. */
  async ask(packet: Buffer, signal: AbortSignal, late?: (answer: Answer) => void): Promise<Answer> {
    const wait = this.slot(signal)
    if (wait) await wait
    const answered = this.send(packet)
    return await new Promise<Answer>((resolve, reject) => {
      const giveUp = () => {
        reject(reasonOf(signal))
        // It is over for the caller, and so is its failure.
        answered.then(late, () => undefined)
      }
      if (signal.aborted) return giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      answered.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
    })
  }

  /** Idempotent. */
  close(): void {
    this.#channel.close()
    this.#end(new Failure('host_protocol_error', 'The transfer of files is closed.'))
  }

  #take(packet: Buffer, fail: (why: string) => never): void {
    this.#heardAt = performance.now()
    const id = packet.readUInt32BE(1)
    const pending = this.#pending.get(id)
    if (!pending) fail('an answer to nothing')
    this.#pending.delete(id)
    const next = this.#waiting.shift()
    if (next) next()
    else this.#slots += 1
    pending?.settle({ type: packet[0] ?? 0, reader: new SftpReader(packet, 5, fail), fail })
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) % 2 ** 32
    while (this.#pending.has(this.#lastId))
    return this.#lastId
  }

  #watch(): void {
    if (this.#pending.size === 0 || performance.now() - this.#heardAt < silenceMs) return
    this.#channel.destroy()
    this.#end(new Failure('host_timeout', 'The host does not answer what was asked about a file.'))
  }

  #end(cause: Error): void {
    if (this.#over.signal.aborted) return
    clearInterval(this.#clock)
    this.#over.abort(cause)
    for (const { settle } of this.#pending.values()) settle(cause)
    this.#pending.clear()
  }
}

function readVersion(packet: Buffer, fail: (why: string) => never): ReadonlyMap<string, string> {
  if (packet[0] !== Sftp.version) return fail('something else comes before it, text of the account’s login scripts perhaps')
  const reader = new SftpReader(packet, 1, fail)
  if (reader.uint32() < version) return fail('its version is too old')
  const extensions = new Map<string, string>()
  while (!reader.isAtEnd && extensions.size < maxExtensions) extensions.set(reader.string().toString('latin1'), reader.string().toString('latin1'))
  return extensions
}

const reasonOf = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('it was given up'))

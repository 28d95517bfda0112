// What can be asked of a host's files, SFTP version 3 with OpenSSH's extensions where the host announces them (its PROTOCOL, section 4).
import { Failure } from '#domain/failure.ts'
import type { HostConnection } from '../far/host-connection.ts'
import { type Attributes, readAttributes, type SetAttributes } from './attributes.ts'
import { maxPacketBytes } from './answer-stream.ts'
import { type Answer, SftpChannel } from './sftp-channel.ts'
import { statusFailure } from './sftp-failure.ts'
import { fillWriteHead, requestOf, type SftpPath, writeHeadBytes } from './sftp-request.ts'
import { Sftp, StatusCode } from './sftp-wire.ts'

/** What every server must take (section 3). */
const leastDataBytes = 32 * 1024
// A packet of 256 KiB has its head in it too; OpenSSH keeps a kilobyte for it.
const mostDataBytes = maxPacketBytes - 1024
const maxHandleBytes = 256
/** Type, id and length. */
const dataHeadBytes = 9

export type Handle = { bytes: Uint8Array; path: SftpPath }
export type ListedName = { name: Buffer; long: Buffer; attributes: Attributes }
export type Space = { freeBytes: number; isReadOnly: boolean }
/** One WRITE in the making: `room` is filled by the caller. */
export type WriteRoom = { packet: Buffer; headBytes: number }

/** Every method throws `Failure`: `file_not_found`, `file_denied`, `host_file_error` (with `detail.status`), what ended the channel, or the signal's reason. */
export class SftpClient {
  /** Most bytes in one READ and WRITE. */
  readonly readBytes: number
  readonly writeBytes: number
  readonly #channel: SftpChannel

  private constructor(channel: SftpChannel, limits: { read: number; write: number }) {
    this.#channel = channel
    this.readBytes = limits.read
    this.writeBytes = limits.write
    channel.rooms.bytes = limits.read + dataHeadBytes
  }

  static async open(connection: HostConnection, signal: AbortSignal): Promise<SftpClient> {
    const channel = await SftpChannel.open(connection, signal)
    try {
      return new SftpClient(channel, await askLimits(channel, signal))
    } catch (cause) {
      channel.close()
      throw cause
    }
  }

  get gone(): AbortSignal {
    return this.#channel.gone
  }
  announces(extension: string, version: string): boolean {
    return this.#channel.extensions.get(extension) === version
  }
  close(): void {
    this.#channel.close()
  }

  /** `flags`: `OpenFlag`. The mode is that of a file that is made, as the host's umask leaves it. */
  async open(path: SftpPath, flags: number, attributes: SetAttributes, signal: AbortSignal): Promise<Handle> {
    return await this.#handle(requestOf(Sftp.open, { string: path }, { uint32: flags }, { attributes }), path, signal)
  }
  async openFolder(path: SftpPath, signal: AbortSignal): Promise<Handle> {
    return await this.#handle(requestOf(Sftp.opendir, { string: path }), path, signal)
  }
  /** Says what could not be written, on some file systems. */
  async closeHandle(handle: Handle, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.close, { string: handle.bytes }), handle.path, signal)
  }
  /** For whoever does not want to hear of it. */
  drop(handle: Handle): void {
    this.closeHandle(handle, this.gone).catch(() => undefined)
  }

  /** Up to `length` bytes, the caller's own, who may give them back; undefined at the end of the file. */
  async read(handle: Handle, offset: number, length: number, signal: AbortSignal): Promise<Buffer | undefined> {
    const answer = await this.#channel.ask(requestOf(Sftp.read, { string: handle.bytes }, { uint64: offset }, { uint32: length }), signal)
    if (answer.type !== Sftp.data) return void throwUnless(StatusCode.eof, answer, handle.path)
    const data = answer.reader.string()
    if (data.length > length || data.length === 0) return answer.fail('other data than was asked for')
    this.#channel.rooms.lend(data)
    return data
  }

  /** Bytes of a `read` that nobody needs any more: what comes next is put into the same memory. */
  giveBack(bytes: Uint8Array): void {
    this.#channel.rooms.giveBack(bytes)
  }

  /** For `write`: its bytes are filled in behind `headBytes`, and may be filled again once they are written. */
  writeRoom(handle: Handle): WriteRoom {
    const headBytes = writeHeadBytes(handle.bytes)
    return { packet: Buffer.allocUnsafeSlow(headBytes + this.writeBytes), headBytes }
  }
  /** Sends the first `length` bytes of the room. Resolves once they are on their way, with when they are written. */
  async write(handle: Handle, room: WriteRoom, offset: number, length: number, signal: AbortSignal): Promise<{ written: Promise<void> }> {
    const wait = this.#channel.slot(signal)
    if (wait) await wait
    fillWriteHead(room.packet, handle.bytes, offset, length)
    return { written: this.#channel.send(room.packet.subarray(0, room.headBytes + length)).then((answer) => throwUnless(StatusCode.ok, answer, handle.path)) }
  }

  async stat(path: SftpPath, signal: AbortSignal): Promise<Attributes> {
    return await this.#attributes(requestOf(Sftp.stat, { string: path }), path, signal)
  }
  /** Of a link itself. */
  async lstat(path: SftpPath, signal: AbortSignal): Promise<Attributes> {
    return await this.#attributes(requestOf(Sftp.lstat, { string: path }), path, signal)
  }
  async fstat(handle: Handle, signal: AbortSignal): Promise<Attributes> {
    return await this.#attributes(requestOf(Sftp.fstat, { string: handle.bytes }), handle.path, signal)
  }
  async setstat(path: SftpPath, attributes: SetAttributes, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.setstat, { string: path }, { attributes }), path, signal)
  }
  async fsetstat(handle: Handle, attributes: SetAttributes, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.fsetstat, { string: handle.bytes }, { attributes }), handle.path, signal)
  }

  /** The next names, as many as the host likes; undefined at the end. */
  async readFolder(handle: Handle, signal: AbortSignal): Promise<ListedName[] | undefined> {
    const answer = await this.#channel.ask(requestOf(Sftp.readdir, { string: handle.bytes }), signal)
    if (answer.type !== Sftp.name) return void throwUnless(StatusCode.eof, answer, handle.path)
    return readNames(answer)
  }

  async remove(path: SftpPath, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.remove, { string: path }), path, signal)
  }
  async makeFolder(path: SftpPath, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.mkdir, { string: path }, { attributes: {} }), path, signal)
  }
  async removeFolder(path: SftpPath, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.rmdir, { string: path }), path, signal)
  }
  /** OpenSSH's fails when the new name is there; others write over it. */
  async rename(from: SftpPath, to: SftpPath, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.rename, { string: from }, { string: to }), to, signal)
  }
  /** In one step also over a file that is there. Only when `posix-rename@openssh.com` version 1 is announced. */
  async replace(from: SftpPath, to: SftpPath, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.extended, { string: 'posix-rename@openssh.com' }, { string: from }, { string: to }), to, signal)
  }
  /** Only when `fsync@openssh.com` version 1 is announced. */
  async sync(handle: Handle, signal: AbortSignal): Promise<void> {
    await this.#do(requestOf(Sftp.extended, { string: 'fsync@openssh.com' }, { string: handle.bytes }), handle.path, signal)
  }

  /** What the account may still write there; undefined when the host does not say. */
  async space(path: SftpPath, signal: AbortSignal): Promise<Space | undefined> {
    if (!this.announces('statvfs@openssh.com', '2')) return undefined
    const answer = await this.#channel.ask(requestOf(Sftp.extended, { string: 'statvfs@openssh.com' }, { string: path }), signal)
    if (answer.type !== Sftp.extendedReply) return void throwUnless(StatusCode.ok, answer, path)
    const { reader } = answer
    const [, fragment = 0, , , available = 0, , , , , flags = 0] = Array.from({ length: 11 }, () => reader.uint64())
    return { freeBytes: fragment * available, isReadOnly: (flags & 1) !== 0 }
  }

  /** As the host resolves it. */
  async realPath(path: SftpPath, signal: AbortSignal): Promise<Buffer> {
    return await this.#oneName(requestOf(Sftp.realpath, { string: path }), path, signal)
  }
  async readLink(path: SftpPath, signal: AbortSignal): Promise<Buffer> {
    return await this.#oneName(requestOf(Sftp.readlink, { string: path }), path, signal)
  }

  async #do(packet: Buffer, path: SftpPath, signal: AbortSignal): Promise<void> {
    throwUnless(StatusCode.ok, await this.#channel.ask(packet, signal), path)
  }

  async #handle(packet: Buffer, path: SftpPath, signal: AbortSignal): Promise<Handle> {
    const handleOf = (answer: Answer): Handle => {
      if (answer.type !== Sftp.handle) return answer.fail('no handle')
      const bytes = answer.reader.string()
      if (bytes.length > maxHandleBytes) return answer.fail('a handle of more than 256 bytes')
      return { bytes: Uint8Array.from(bytes), path }
    }
    const answer = await this.#channel.ask(packet, signal, (late) => {
      if (late.type === Sftp.handle) this.drop(handleOf(late))
    })
    if (answer.type === Sftp.status) throwStatus(answer, path)
    return handleOf(answer)
  }

  async #attributes(packet: Buffer, path: SftpPath, signal: AbortSignal): Promise<Attributes> {
    const answer = await this.#channel.ask(packet, signal)
    if (answer.type === Sftp.attrs) return readAttributes(answer.reader)
    return throwStatus(answer, path)
  }

  async #oneName(packet: Buffer, path: SftpPath, signal: AbortSignal): Promise<Buffer> {
    const answer = await this.#channel.ask(packet, signal)
    if (answer.type !== Sftp.name) return throwStatus(answer, path)
    const [only, ...more] = readNames(answer)
    return only && more.length === 0 ? only.name : answer.fail('not one name')
  }
}

function readNames(answer: Answer): ListedName[] {
  const { reader } = answer
  const names: ListedName[] = []
  for (let left = reader.uint32(); left > 0; left -= 1) names.push({ name: reader.string(), long: reader.string(), attributes: readAttributes(reader) })
  return names.length === 0 ? answer.fail('no names') : names
}

function throwUnless(expected: number, answer: Answer, path: SftpPath): void {
  if (answer.type !== Sftp.status) answer.fail('an answer to another question')
  const code = answer.reader.uint32()
  if (code !== expected) throw statusFailure(code, answer.reader.isAtEnd ? '' : answer.reader.path(), path)
}
function throwStatus(answer: Answer, path: SftpPath): never {
  throwUnless(-1, answer, path)
  throw new Failure('host_protocol_error', 'The host does not speak SFTP as it should.')
}

/** `limits@openssh.com`: zero means that there is none. */
async function askLimits(channel: SftpChannel, signal: AbortSignal): Promise<{ read: number; write: number }> {
  if (channel.extensions.get('limits@openssh.com') !== '1') return { read: leastDataBytes, write: leastDataBytes }
  const answer = await channel.ask(requestOf(Sftp.extended, { string: 'limits@openssh.com' }), signal)
  if (answer.type !== Sftp.extendedReply) return { read: leastDataBytes, write: leastDataBytes }
  const [packet, read, write] = [answer.reader.uint64(), answer.reader.uint64(), answer.reader.uint64()]
  const bounded = (most: number) => Math.max(1024, Math.min(most || mostDataBytes, (packet || maxPacketBytes) - 1024, mostDataBytes))
  return { read: bounded(read), write: bounded(write) }
}

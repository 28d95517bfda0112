// Bytes in order into a file that is open: put together into packets as large as the host takes, and so many unanswered at once that the line is full and our memory is not.
import type { Handle, SftpClient, WriteRoom } from '../sftp/sftp-client.ts'
import { unansweredBytes } from './part-file.ts'

export class WriteSpan {
  readonly #client: SftpClient
  readonly #handle: Handle
  readonly #signal: AbortSignal
  #room: WriteRoom
  /** What was written is filled again: as many as are unanswered at once. */
  readonly #rooms: WriteRoom[] = []
  /** Where the packet in the making begins. */
  #offset: number
  #filled = 0
  #unanswered = 0
  #failure: { cause: unknown } | undefined
  #waiting: (() => void)[] = []

  constructor(client: SftpClient, handle: Handle, offset: number, signal: AbortSignal) {
    this.#client = client
    this.#handle = handle
    this.#offset = offset
    this.#signal = signal
    this.#room = client.writeRoom(handle)
  }

  /** Resolves when there is room for more; the bytes are the caller's again then. One at a time. Throws the first that went wrong, as `SftpClient`. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = Math.min(bytes.length - at, this.#client.writeBytes - this.#filled)
      this.#room.packet.set(bytes.subarray(at, at + part), this.#room.headBytes + this.#filled)
      this.#filled += part
      at += part
      if (this.#filled === this.#client.writeBytes) await this.#send()
    }
    this.#throwIfFailed()
  }

  /** Resolves when all of it is written. */
  async flush(): Promise<void> {
    if (this.#filled > 0) await this.#send()
    while (this.#unanswered > 0 && !this.#failure) await this.#answered()
    this.#throwIfFailed()
  }

  async #send(): Promise<void> {
    while (this.#unanswered + this.#filled > unansweredBytes && !this.#failure) await this.#answered()
    this.#throwIfFailed()
    const length = this.#filled
    const room = this.#room
    const { written } = await this.#client.write(this.#handle, room, this.#offset, length, this.#signal)
    this.#room = this.#rooms.pop() ?? this.#client.writeRoom(this.#handle)
    this.#offset += length
    this.#filled = 0
    this.#unanswered += length
    const settled = (failure?: { cause: unknown }) => {
      this.#unanswered -= length
      this.#failure ??= failure
      for (const goOn of this.#waiting.splice(0)) goOn()
    }
    written.then(
      () => {
        this.#rooms.push(room)
        settled()
      },
      (cause: unknown) => settled({ cause }),
    )
  }

  async #answered(): Promise<void> {
    this.#signal.throwIfAborted()
    await new Promise<void>((resolve) => {
      const goOn = () => {
        this.#signal.removeEventListener('abort', goOn)
        resolve()
      }
      this.#signal.addEventListener('abort', goOn, { once: true })
      this.#waiting.push(goOn)
    })
    this.#signal.throwIfAborted()
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure.cause
  }
}

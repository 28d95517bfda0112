// What an SSH connection to a host runs over: a socket of ours, or a channel through another host.

/** The writing half, with the events of a socket. */
export interface LineSocket {
  readonly writable: boolean
  /** Bytes that wait to be sent. */
  readonly writableLength: number
  readonly destroyed: boolean
  setNoDelay(noDelay: boolean): unknown
  write(bytes: Buffer): unknown
  /** `close` comes last, once. `drain`: nothing waits any more. */
  on(event: 'error', listener: (cause: Error) => void): unknown
  on(event: 'close' | 'drain' | 'end', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
  off(event: 'error', listener: (cause: Error) => void): unknown
  off(event: 'close' | 'drain' | 'end', listener: () => void): unknown
  /** Closes when what was written is sent. */
  destroySoon(): void
  destroy(): unknown
}

/** The reading half is the line's own, one reader at a time: `HostSocket` says how. */
export interface HostLine {
  readonly socket: LineSocket
  start(reader: (bytes: Buffer) => void): void
  hold(): void
  goOn(): void
  stop(putBack: Buffer): void
}

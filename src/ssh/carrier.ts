// What channels run over: one signed-in SSH connection of either role.
import type { Failure } from '#domain/failure.ts'
import type { ConnectionMessages, Engine } from './library.ts'

/** `ClientTransport` towards hosts and `ServerTransport` towards ssh clients are carriers. */
export interface Carrier {
  readonly engine: Engine
  readonly handlers: Partial<ConnectionMessages> & {
    REQUEST_SUCCESS?: (engine: Engine, value: Buffer | null) => void
    REQUEST_FAILURE?: (engine: Engine) => void
  }
  /** False while more than 256 KiB wait in the socket or a key exchange runs: `onRoom` follows. */
  readonly hasRoom: boolean
  /** Bytes of whole packets that wait in the socket. */
  readonly unsentBytes: number
  readonly isClosed: boolean
  /** Channels for files and commands are open: what comes is read as fast as it is taken. Otherwise a terminal's flood is read in few large pieces. */
  carriesBulk?: (isBulk: boolean) => void
  /** The other side broke the protocol: DISCONNECT and close, at once. */
  cut(why: string): void
  /** The turn's input has been parsed: what is lent (`isLent`) is gone after it. */
  onTurn: (() => void) | undefined
  onRoom: (() => void) | undefined
  onClosed: ((cause: Failure | undefined) => void) | undefined
}

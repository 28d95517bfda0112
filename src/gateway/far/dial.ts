// A terminal on a host over a connection of its own: what a browser's session is.
import type { HostKey } from '#domain/host-key.ts'
import type { Size } from '#session/event.ts'
import { HostConnection, type ConnectionRequest } from './host-connection.ts'
import { HostTerminal } from './host-terminal.ts'

export type DialRequest = ConnectionRequest & { size: Size; term: string }

// RFC 4254 section 8: no modes, TTY_OP_END.
const noModes = Buffer.of(0)

/**
 * Dials what the Admission permits and opens a shell. Throws `Failure`: those of `HostConnection.dial` and `HostTerminal.open`, or the signal's reason.
 * The Far begins paused; the connection ends with it.
 */
export async function dialFar(request: DialRequest): Promise<{ far: HostTerminal; hostKey: HostKey; connection: HostConnection }> {
  const connection = await HostConnection.dial(request)
  const pty = { term: request.term, ...request.size, widthPixels: 0, heightPixels: 0, modes: noModes }
  const far = await HostTerminal.open(connection, { pty }, request.signal, () => connection.close())
  return { far, hostKey: connection.hostKey, connection }
}

// The first words with a host, over whatever line leads to it: nothing of a person is said in them.
import { Failure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import { ClientTransport } from '#ssh/client-transport.ts'
import { hostKeyFromBlob } from '#ssh/host-key.ts'
import type { HostLine } from '#ssh/host-line.ts'

/** What we call ourselves, after `SSH-2.0-`. */
export const ident = 'Sallyport'

/** A connection to a host that has proven to hold its key, as `ClientTransport.handshake` throws. Algorithms with SHA-1 and CBC are offered before `legacyUntil`. The caller closes it; a line whose host cannot be greeted is closed here. */
export async function greet(
  line: HostLine,
  options: { hostKeyTypes: readonly string[]; onlyHostKeyTypes?: boolean; legacyUntil?: number | undefined; signal: AbortSignal },
): Promise<{ transport: ClientTransport; offered: HostKey }> {
  const { hostKeyTypes, onlyHostKeyTypes = false, legacyUntil = 0, signal } = options
  const transport = new ClientTransport({ socket: line, hostKeyTypes, onlyHostKeyTypes, allowsOldAlgorithms: Date.now() < legacyUntil, ident })
  try {
    const offered = hostKeyFromBlob(await transport.handshake(signal))
    if (!offered) throw new Failure('host_protocol_error', 'The host shows a key that is none.')
    return { transport, offered }
  } catch (cause) {
    transport.close()
    throw cause
  }
}

// The way to a host: reach it, know it, sign in, open a shell. Each step may end it, and nothing of a person is said before the host is known.
import type { Admission } from '#domain/admission.ts'
import { Failure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { Size } from '#session/event.ts'
import { ClientTransport } from '#ssh/client-transport.ts'
import { hostKeyFromBlob } from '#ssh/host-key.ts'
import { ShellChannel } from '#ssh/shell-channel.ts'
import type { AskLink, Prompter } from '../admission.ts'
import { assertKnownHost } from './host-identity.ts'
import { HostTerminal } from './host-terminal.ts'
import { reach, type Listeners } from './reach.ts'
import { signIn } from './sign-in.ts'

const ident = 'Sallyport'

export type DialRequest = {
  admission: Admission
  link: AskLink
  prompter: Prompter
  size: Size
  term: string
  listeners: Listeners
  signal: AbortSignal
}

/** A connection to a host that has proven to hold its key. The caller closes it. */
export async function greet(
  target: { address: string; port: number },
  options: { listeners: Listeners; mayDialLoopback: boolean; hostKeyTypes: readonly string[]; onlyHostKeyTypes?: boolean; signal: AbortSignal },
): Promise<{ transport: ClientTransport; offered: HostKey }> {
  const socket = await reach(target, options)
  const transport = new ClientTransport({
    socket,
    hostKeyTypes: options.hostKeyTypes,
    onlyHostKeyTypes: options.onlyHostKeyTypes ?? false,
    ident,
  })
  try {
    const offered = hostKeyFromBlob(await transport.handshake(options.signal))
    if (!offered) throw new Failure('host_protocol_error', 'The host shows a key that is none.')
    return { transport, offered }
  } catch (cause) {
    transport.close()
    throw cause
  }
}

/**
 * Dials what the Admission permits. Throws `Failure`: those of `reach`, `ClientTransport.handshake`, `assertKnownHost`, `signIn` and `ShellChannel.open`, or the signal's reason.
 * The Far begins paused.
 */
export async function dialFar(request: DialRequest): Promise<{ far: HostTerminal; hostKey: HostKey }> {
  const { admission, link, prompter } = request
  const { address, port, username } = admission.target
  const { transport, offered } = await greet(
    { address, port },
    {
      listeners: request.listeners,
      mayDialLoopback: admission.mayDialLoopback,
      hostKeyTypes: admission.hostKeys.map((key) => key.type),
      signal: request.signal,
    },
  )
  // A host that leaves while a person or control is being asked ends the question too.
  const signal = AbortSignal.any([request.signal, transport.gone])
  try {
    const lease = admission.session
    await assertKnownHost({ offered, trusted: admission.hostKeys, lease, address, mayTrust: admission.mayTrustHostKey, link, prompter, signal })
    await signIn(transport, { username, address, auth: admission.auth, lease, link, prompter, signal })
    const channel = await ShellChannel.open(transport, { term: request.term, ...request.size }, signal)
    return { far: new HostTerminal(transport, channel), hostKey: offered }
  } catch (cause) {
    transport.close()
    throw cause
  }
}

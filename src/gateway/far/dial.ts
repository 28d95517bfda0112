// The way to a host: reach it, know it, sign in, open a shell. Each step may end it, and nothing of a person is said before the host is known.
import type { Admission } from '#domain/admission.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { Size } from '#session/event.ts'
import { ShellChannel } from '#ssh/shell-channel.ts'
import type { AskLink, Prompter } from '../admission.ts'
import { greet } from './greet.ts'
import { assertKnownHost } from './host-identity.ts'
import { HostTerminal } from './host-terminal.ts'
import type { Listeners } from './reach.ts'
import { signIn } from './sign-in.ts'
import { openWay } from './way.ts'

export type DialRequest = {
  admission: Admission
  link: AskLink
  prompter: Prompter
  size: Size
  term: string
  listeners: Listeners
  signal: AbortSignal
  /** A host, on the way or at its end, showed a key that its policy accepts for this once: the person is to know. */
  accepted?: (host: string, key: HostKey) => void
}

/**
 * Dials what the Admission permits, over the hosts on its way. Throws `Failure`: those of `openWay`, `greet`, `assertKnownHost`, `signIn` and `ShellChannel.open`, or the signal's reason.
 * The Far begins paused. The way ends with the connection at its end.
 */
export async function dialFar(request: DialRequest): Promise<{ far: HostTerminal; hostKey: HostKey }> {
  const { admission, link, prompter, accepted } = request
  const { address, port, username } = admission.target
  const lease = admission.session
  const { listeners } = request
  const way = await openWay({
    via: admission.via ?? [],
    to: admission.asset.name,
    lease,
    link,
    prompter,
    listeners,
    signal: request.signal,
    ...(accepted ? { accepted } : {}),
  })
  try {
    const line = await way.line({ name: admission.asset.name, address, port, mayDialLoopback: admission.mayDialLoopback }, request.signal)
    line.socket.once('close', () => way.close())
    const { transport, offered } = await greet(line, { hostKeyTypes: admission.hostKeys.map((key) => key.type), signal: request.signal })
    // A host that leaves while a person or control is being asked ends the question too.
    const signal = AbortSignal.any([request.signal, transport.gone])
    try {
      const known = await assertKnownHost({ offered, trusted: admission.hostKeys, lease, address, mayTrust: admission.mayTrustHostKey, link, prompter, signal })
      if (known === 'accepted') accepted?.(admission.asset.name, offered)
      await signIn(transport, { username, address, auth: admission.auth, lease, link, prompter, signal })
      const channel = await ShellChannel.open(transport, { term: request.term, ...request.size }, signal)
      return { far: new HostTerminal(transport, channel), hostKey: offered }
    } catch (cause) {
      transport.close()
      throw cause
    }
  } catch (cause) {
    way.close()
    throw cause
  }
}

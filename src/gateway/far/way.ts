// The way to a host over others, as ProxyJump goes it: each is known and signed in to before it is asked to connect further. One way is one session's, or one probe's.
import type { Hop } from '#domain/admission.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { LeaseId } from '#domain/id.ts'
import type { ClientTransport } from '#ssh/client-transport.ts'
import type { HostLine } from '#ssh/host-line.ts'
import { Keepalive } from '#ssh/keepalive.ts'
import { Tunnels } from '#ssh/tunnels.ts'
import type { AskLink, Prompter } from '../admission.ts'
import { greet } from './greet.ts'
import { assertKnownHost } from './host-identity.ts'
import { reach, refuseNeverTargets, type Listeners } from './reach.ts'
import { signIn } from './sign-in.ts'

/** `name`: what failures call it. */
export type Place = { name: string; address: string; port: number; mayDialLoopback: boolean }
export type WayRequest = {
  via: readonly Hop[]
  /** What the hosts on it lead to, in words. */
  to: string
  lease: LeaseId
  link: AskLink
  prompter: Prompter
  listeners: Listeners
  /** Until the way is open; afterwards it is closed. */
  signal: AbortSignal
  /** A host on the way showed a key that its policy accepts for this once. */
  accepted?: (host: string, key: HostKey) => void
}

export type Way = {
  /** A line to a host at the end of the way. Throws as `reach`, and as `Tunnels.open` with the last host named. The caller destroys it. */
  line(place: Place, signal: AbortSignal): Promise<HostLine>
  /** Ends every connection of it, the last first. Idempotent. */
  close(): void
}

/** Opens all of the way; without hosts on it there is nothing to open. Throws `Failure` with the codes of a dial, saying which host on the way it was (`detail.hop`), or the signal's reason. */
export async function openWay(request: WayRequest): Promise<Way> {
  const { listeners } = request
  let way: Way = {
    line: (place, signal) => reach(place, { listeners, mayDialLoopback: place.mayDialLoopback, signal }),
    close: () => undefined,
  }
  try {
    for (const [index, hop] of request.via.entries()) {
      const before = way
      const place = { name: hop.asset.name, ...hop.target, mayDialLoopback: hop.mayDialLoopback }
      way = await naming(request.to, hop, async () => goOn(request, index, hop, await before.line(place, request.signal), before))
    }
    return way
  } catch (cause) {
    way.close()
    throw cause
  }
}

/** Knows the host at the end of this line, signs in there, and can then connect further. Closing it closes what is before it; losing what is before it ends it. */
async function goOn(request: WayRequest, index: number, hop: Hop, line: HostLine, before: Way): Promise<Way> {
  line.socket.once('close', () => before.close())
  const { transport, offered } = await greet(line, { hostKeyTypes: hop.hostKeys.map((key) => key.type), legacyUntil: hop.legacyUntil, signal: request.signal })
  try {
    await enter(request, index, hop, transport, offered)
  } catch (cause) {
    transport.close()
    throw cause
  }
  const keepalive = new Keepalive(transport)
  const tunnels = new Tunnels(transport, (cause) => lost(request.to, hop, cause))
  transport.gone.addEventListener('abort', () => keepalive.stop(), { once: true })
  return {
    line: async (place, signal) => {
      refuseNeverTargets(place, request.listeners)
      return await naming(place.name, hop, () => tunnels.open(place, signal))
    },
    close: () => transport.close(),
  }
}

async function enter(request: WayRequest, index: number, hop: Hop, transport: ClientTransport, offered: HostKey): Promise<void> {
  const { lease, link: everyLink, prompter: person } = request
  const link = linkAt(everyLink, index)
  const prompter: Prompter = { ask: (question, waits) => person.ask(question.kind === 'host-key' ? question : { ...question, hop: hop.asset.name }, waits) }
  // A host that leaves while a person or control is being asked ends the question too.
  const signal = AbortSignal.any([request.signal, transport.gone])
  const { address, username } = hop.target
  const known = await assertKnownHost({ offered, trusted: hop.hostKeys, lease, address, mayTrust: false, link, prompter, signal })
  if (known === 'accepted') request.accepted?.(hop.asset.name, offered)
  await signIn(transport, { username, address, auth: hop.auth, lease, link, prompter, signal })
}

const linkAt = (link: AskLink, hop: number): AskLink => ({
  sign: (lease, algorithm, data, signal) => link.sign(lease, algorithm, data, signal, hop),
  release: (lease, signal) => link.release(lease, signal, hop),
  judgeHostKey: (lease, offered, signal) => link.judgeHostKey(lease, offered, signal, hop),
  trustHostKey: () => Promise.reject(new Failure('forbidden', 'Keys of hosts on the way are trusted on their own pages.')),
})

const prefix = (to: string, hop: Hop) => `Reaching ${to} through ${hop.asset.name}: `

/** What fails at a host on the way says so, with the code that it has. The innermost name stays. */
async function naming<Result>(to: string, hop: Hop, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (cause) {
    throw isFailure(cause) ? named(to, hop, cause) : cause
  }
}

function named(to: string, hop: Hop, cause: Failure): Failure {
  // That a host hung up says something about signing in to it alone.
  const { disconnected: _, ...detail } = cause.detail ?? {}
  if (detail['hop'] !== undefined) return cause
  return new Failure(cause.code, `${prefix(to, hop)}${cause.message}`, {
    ...(cause.field === undefined ? {} : { field: cause.field }),
    detail: { ...detail, hop: hop.asset.name },
    cause,
  })
}

const lost = (to: string, hop: Hop, cause: Failure | undefined): Failure =>
  named(to, hop, cause ?? new Failure('host_protocol_error', 'The connection is closed.'))

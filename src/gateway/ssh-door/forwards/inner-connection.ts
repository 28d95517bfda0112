// `ssh -J`: the client believes that it speaks to a host through us, and speaks to the door a second time, inside of its connection. What it does there is admitted and recorded like anything else.
import { AccountName } from '#domain/asset.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { OpenRefusal, type OpenRequest } from '#ssh/channels.ts'
import type { Authenticator, Verdict } from '#ssh/authenticator.ts'
import { ChannelLine } from '#ssh/channel-line.ts'
import { ServerAuth } from '#ssh/server-auth.ts'
import { ServerTransport } from '#ssh/server-transport.ts'
import type { DoorKeys } from '#ssh/door-keys.ts'
import { DoorConnection, type Forwarding } from '../door-connection.ts'

/** What inner connections show: the same as the door itself. */
export type DoorFace = { keys: DoorKeys; ident: string }
export type InnerRequest = {
  request: OpenRequest
  goal: { asset: string; name: string }
  face: DoorFace
  forwarding: (connection: DoorConnection) => Forwarding
  /** The outer connection is over. */
  signal: AbortSignal
}

/** A door in a door in a door is a way to spend our memory. */
const maxDepth = 3
/** Hosts that a search for the name is looked through for it. */
const mostFound = 100

/** Resolves when the inner connection is over. Throws `Failure` when nobody signs in. */
export async function serveInner(outer: DoorConnection, { request, goal, face, forwarding, signal }: InnerRequest): Promise<void> {
  if (outer.depth + 1 >= maxDepth) return request.refuse(OpenRefusal.prohibited, 'too many connections inside of each other')
  const line = new ChannelLine(request.accept(), (cause) => cause ?? new Failure('client_lost', 'The connection is closed.'))
  const transport = new ServerTransport({ line, ...face })
  const cut = () => transport.close()
  signal.addEventListener('abort', cut, { once: true })
  const authenticator = new AccountAuthenticator(outer, goal)
  try {
    await transport.handshake()
    const account = await new ServerAuth(transport, authenticator).signIn()
    const { work, caller, signedIn } = outer
    await new Promise<void>((resolve) => {
      const target = { asset: goal.name, account }
      new DoorConnection({ transport, work, caller, signedIn, target, outer, forwarding, over: resolve })
    })
  } finally {
    signal.removeEventListener('abort', cut)
    transport.close()
  }
}

/**
 * Whoever they are has been shown outside; the user name says as whom they go on. No proof is wanted where a grant allows it, and none counts where it does not: some clients begin with a key or a
 * password, without asking whether one is needed.
 */
class AccountAuthenticator implements Authenticator {
  readonly #outer: DoorConnection
  readonly #goal: { asset: string; name: string }
  #known: Promise<Verdict> | undefined

  constructor(outer: DoorConnection, goal: { asset: string; name: string }) {
    this.#outer = outer
    this.#goal = goal
  }

  none(user: string): Promise<Verdict> {
    this.#known ??= this.#judge(user)
    return this.#known
  }
  async keyOffered(user: string): Promise<boolean> {
    return (await this.none(user)).state === 'accepted'
  }
  key(user: string): Promise<Verdict> {
    return this.none(user)
  }
  password(user: string): Promise<Verdict> {
    return this.none(user)
  }
  keyboard(): ReturnType<Authenticator['keyboard']> {
    return { next: () => Promise.resolve({ state: 'refused' }), cancel: () => undefined }
  }

  async #judge(user: string): Promise<Verdict> {
    if (!AccountName.safeParse(user).success) return { state: 'refused' }
    const { work, signedIn, caller } = this.#outer
    try {
      const { items } = await work.link.ask({ ask: 'door-hosts', signIn: signedIn.signIn, source: caller.source, q: this.#goal.name, size: mostFound })
      const host = items.find(({ asset }) => asset === this.#goal.asset)
      // Each channel is admitted anew; this only says no early, in the words that ssh has for it.
      return host?.accounts.includes(user) === true ? { state: 'accepted' } : { state: 'refused' }
    } catch (cause) {
      if (isFailure(cause)) return { state: 'closed', text: cause.message }
      throw cause
    }
  }
}

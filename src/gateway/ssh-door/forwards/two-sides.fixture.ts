// For tests: an ssh client and a host with a gateway's channels between them, all four ends over real connections of ours.
import { Channels } from '#ssh/channels.ts'
import { signedIn } from '#ssh/signed-in.fixture.ts'
import { startTestDoor } from '#ssh/test-door.fixture.ts'
import type { Channel } from '#ssh/channel.ts'

export type TwoSides = {
  /** The client's end, and the gateway's towards it. */
  operator: Channels
  toOperator: Channels
  /** The gateway's end towards the host, and the host's. */
  toHost: Channels
  host: Channels
  /** The connection of the client is lost. */
  loseOperator(): void
  close(): Promise<void>
}

export async function openTwoSides(): Promise<TwoSides> {
  const [near, far] = await Promise.all([onePair(), onePair()])
  return {
    operator: near.client,
    toOperator: near.server,
    toHost: far.client,
    host: far.server,
    loseOperator: () => near.transport.close(),
    close: async () => void (await Promise.all([near.close(), far.close()])),
  }
}

async function onePair() {
  let made: (channels: Channels) => void = () => undefined
  const server = new Promise<Channels>((resolve) => (made = resolve))
  const door = await startTestDoor({
    authenticator: () => ({
      none: () => Promise.resolve({ state: 'refused' }),
      keyOffered: () => Promise.resolve(false),
      key: () => Promise.resolve({ state: 'refused' }),
      password: () => Promise.resolve({ state: 'accepted' }),
      keyboard: () => ({ next: () => Promise.resolve({ state: 'refused' }), cancel: () => undefined }),
    }),
    signedIn: (transport) => made(new Channels(transport)),
  })
  const transport = await signedIn({ host: '127.0.0.1', port: door.port, user: 'x', password: 'y' })
  const client = new Channels(transport)
  return {
    client,
    server: await server,
    transport,
    close: async () => {
      transport.close()
      await door.close()
    },
  }
}

/** What one end of a channel is told; it reads until `channel.pause()`. */
export class Heard {
  readonly channel: Channel
  readonly bytes: Buffer[] = []
  readonly events: string[] = []

  constructor(channel: Channel, isReading = true) {
    this.channel = channel
    channel.listen({
      data: (bytes) => void this.bytes.push(Buffer.from(bytes)),
      eof: () => void this.events.push('eof'),
      closed: () => void this.events.push('closed'),
    })
    if (isReading) channel.resume()
  }
  get length(): number {
    return this.bytes.reduce((sum, piece) => sum + piece.length, 0)
  }
  get text(): string {
    return Buffer.concat(this.bytes).toString()
  }
}

const way = { host: 'x', port: 1, originHost: 'y', originPort: 2 }
/** A channel from `from` to `to`: both ends of it. */
export async function opened(from: Channels, to: Channels, type: 'direct-tcpip' | 'forwarded-tcpip' = 'direct-tcpip'): Promise<[Channel, Channel]> {
  const accepted = new Promise<Channel>((resolve) => (to.onOpen = (request) => resolve(request.accept())))
  const mine = await from.open({ type, ...way }, new AbortController().signal)
  return [mine, await accepted]
}

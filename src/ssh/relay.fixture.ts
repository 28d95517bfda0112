// For tests: everything that a client opens is opened at a host, and both are joined byte for byte.
import type { Channel, ChannelListener } from './channel.ts'
import { Channels, type OpenRequest } from './channels.ts'

const never = new AbortController().signal

/** Two connections joined: what `near` asks for, `far` gives. */
export function joinConnections(near: Channels, far: Promise<Channels>): void {
  near.onOpen = (request) => void open(request, far)
}

async function open(request: OpenRequest, far: Promise<Channels>): Promise<void> {
  const { opening } = request
  if (opening.type === 'other') return request.refuse(3, 'unknown')
  try {
    const there = await (await far).open(opening, never)
    joinChannels(request.accept(), there)
  } catch (cause) {
    request.refuse(2, String(cause))
  }
}

export function joinChannels(near: Channel, far: Channel): void {
  const toward = (from: Channel, to: Channel, others: Pick<ChannelListener, 'closed'> & { hungUp?: () => void }): ChannelListener => ({
    data: (bytes, isStderr) => {
      if (!to.write(bytes, isStderr)) from.pause()
    },
    room: () => to.resume(),
    eof: () => to.end(),
    request: (type, value, reply) => {
      // Answers come in their order, whichever of them is known first.
      void to.request(type, value, reply !== undefined).then((isYes) => reply?.(isYes))
    },
    ...others,
  })
  far.listen(toward(far, near, { closed: () => near.close() }))
  near.listen(toward(near, far, { closed: () => undefined, hungUp: () => far.destroy() }))
  near.resume()
  far.resume()
}

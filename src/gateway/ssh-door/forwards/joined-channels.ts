// Two channels as one connection: bytes pass both ways as they are, and each half is closed by itself.
import type { Channel, ChannelListener } from '#ssh/channel.ts'

/** `input`: from the operator's side to the host. Of what the other side no longer takes nothing is counted. */
export type Carried = (way: 'input' | 'output', bytes: number) => void

/**
 * Both begin paused and are read from here on. When one is closed, what it had said is still brought to the other, however slowly that one takes it. `closed` is called once, when both are closed or
 * `destroy` was called.
 */
export function joinChannels(operator: Channel, host: Channel, told: { carried: Carried; closed: () => void }): { destroy(): void } {
  let isOver = false
  let open = 2
  const over = () => {
    if (isOver) return
    isOver = true
    told.closed()
  }
  const destroy = () => {
    operator.destroy()
    host.destroy()
    over()
  }
  const from = (one: Channel, other: Channel, way: 'input' | 'output'): ChannelListener => ({
    data: (bytes) => {
      if (other.isOver) return
      told.carried(way, bytes.length)
      if (!other.write(bytes)) one.pause()
    },
    eof: () => other.end(),
    room: () => other.resume(),
    closed: () => {
      open -= 1
      if (open === 0) return over()
      other.close()
      // What it still holds has nowhere to go, and its own end waits behind that.
      other.resume()
      return undefined
    },
  })
  operator.listen(from(operator, host, 'input'))
  host.listen(from(host, operator, 'output'))
  operator.resume()
  host.resume()
  return { destroy }
}

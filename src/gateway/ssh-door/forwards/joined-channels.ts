// Two channels as one connection: bytes pass both ways as they are, and each half is closed by itself.
import type { Channel, ChannelListener } from '#ssh/channel.ts'

/** `input`: from the operator's side to the host. */
export type Carried = (way: 'input' | 'output', bytes: number) => void
// What one side still had to say when the other had gone is brought for so long.
const lastBytesWithinMs = 10_000

/** Both begin paused and are read from here on. `closed` is called once, when both are closed or `destroy` was called. */
export function joinChannels(operator: Channel, host: Channel, told: { carried: Carried; closed: () => void }): { destroy(): void } {
  let isOver = false
  let open = 2
  let late: NodeJS.Timeout | undefined
  const over = () => {
    if (isOver) return
    isOver = true
    clearTimeout(late)
    told.closed()
  }
  const destroy = () => {
    operator.destroy()
    host.destroy()
    over()
  }
  const from = (one: Channel, other: Channel, way: 'input' | 'output'): ChannelListener => ({
    data: (bytes) => {
      told.carried(way, bytes.length)
      if (!other.write(bytes)) one.pause()
    },
    eof: () => other.end(),
    room: () => other.resume(),
    closed: () => {
      open -= 1
      if (open === 0) return over()
      other.close()
      late = setTimeout(destroy, lastBytesWithinMs)
      return undefined
    },
  })
  operator.listen(from(operator, host, 'input'))
  host.listen(from(host, operator, 'output'))
  operator.resume()
  host.resume()
  return { destroy }
}

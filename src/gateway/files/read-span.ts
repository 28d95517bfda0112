import { Failure } from '#domain/failure.ts'
import type { Handle, SftpClient } from '../sftp/sftp-client.ts'
import { shownPath } from '../sftp/sftp-failure.ts'
import { inOrder } from './in-order.ts'

/** Asked for and not taken yet: it bounds what one transfer holds, and with the round trip how fast it is. The channel's own window is half of it. */
const aheadBytes = 4 * 1024 * 1024
const mostAhead = 48
const leastReadBytes = 1024

/** The bytes from `from` up to and without `end`, in order, each piece the taker's own. Nothing is asked before the first is taken. Throws `Failure('file_changed')` when the file ends before. */
export async function* readSpan(client: SftpClient, handle: Handle, from: number, end: number, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  let next = from
  let length = client.readBytes
  /** A host may give less than was asked for at any time; one that always does is asked for so much. */
  const whole = async (offset: number, wanted: number): Promise<Buffer[]> => {
    const pieces: Buffer[] = []
    for (let got = 0; got < wanted;) {
      const bytes = await client.read(handle, offset + got, wanted - got, signal)
      if (!bytes) throw new Failure('file_changed', `“${shownPath(handle.path)}” became shorter while it was read.`)
      if (bytes.length < wanted - got) length = Math.max(leastReadBytes, bytes.length)
      pieces.push(bytes)
      got += bytes.length
    }
    return pieces
  }
  const ask = () => {
    if (next >= end) return undefined
    const [offset, wanted] = [next, Math.min(length, end - next)]
    next += wanted
    return whole(offset, wanted)
  }
  for await (const pieces of inOrder(ask, () => Math.max(2, Math.min(mostAhead, Math.floor(aheadBytes / length))))) yield* pieces
}

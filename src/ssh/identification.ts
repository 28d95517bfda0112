// The first line of a host, read before the SSH library sees a byte: the library would keep and re-scan whatever precedes it.
import { Failure, isFailure } from '#domain/failure.ts'
import type { HostLine } from './host-line.ts'

// RFC 4253 section 4.2: lines may precede the identification, which has at most 255 bytes with CR LF. Their number is ours: more is no greeting.
const maxIdentBytes = 255
const maxPrecedingBytes = 32_768
const maxPrecedingLines = 100

const notSsh = (why: string) => new Failure('host_not_ssh', `The port answers, but not as SSH: ${why}. Check the port.`)

/**
 * Waits until the host has sent its identification line and puts that line and what followed back into the socket, which is left stopped.
 * Throws `Failure('host_not_ssh' | 'host_banner_too_large' | 'host_protocol_error')`, or the signal's reason. Holds at most 32 KiB and one chunk.
 */
export function readIdentification(host: HostLine, signal: AbortSignal): Promise<string> {
  const { socket } = host
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0)
    let preceding = 0
    let lines = 0
    const leave = () => {
      socket.off('end', onEnd)
      socket.off('error', onError)
      socket.off('close', onEnd)
      signal.removeEventListener('abort', onAbort)
      host.stop(held)
    }
    const fail = (cause: unknown) => {
      leave()
      reject(cause instanceof Error ? cause : new Error('the dial was given up'))
    }
    const onEnd = () => fail(notSsh('it closed the connection before saying what it is'))
    const onError = (cause: Error) =>
      fail(isFailure(cause) ? cause : new Failure('host_not_ssh', 'The connection broke before the host said that it speaks SSH.', { cause }))
    const onAbort = () => fail(signal.reason)
    const onData = (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      for (;;) {
        const end = held.indexOf(0x0a)
        const line = end < 0 ? held : held.subarray(0, end)
        if (line.subarray(0, 4).toString('latin1') === 'SSH-') {
          if (line.length > maxIdentBytes) return fail(notSsh('its identification is too long'))
          if (end < 0) return undefined
          const text = line.toString('latin1').replace(/\r$/, '')
          if (!/^SSH-(2\.0|1\.99)-[\x21-\x7e]+( [\x20-\x7e]*)?$/.test(text)) return fail(notSsh('it speaks an old version, or its identification is malformed'))
          // The line feed alone ends lines for the library too; a carriage return in mid-line was refused above.
          leave()
          return resolve(text)
        }
        // A greeting is text (RFC 4253 section 4.2); other protocols and noise have zero bytes soon.
        if (line.includes(0)) return fail(notSsh('it sends binary data'))
        if (preceding + line.length > maxPrecedingBytes || lines > maxPrecedingLines)
          return fail(new Failure('host_banner_too_large', 'The host sends an endless greeting instead of SSH.'))
        if (end < 0) return undefined
        preceding += end + 1
        lines++
        held = held.subarray(end + 1)
      }
    }
    if (signal.aborted) return fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('end', onEnd)
    socket.on('error', onError)
    socket.on('close', onEnd)
    host.start(onData)
    return undefined
  })
}

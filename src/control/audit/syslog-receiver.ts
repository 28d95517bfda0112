// Syslog over TCP and TLS: RFC 5424 messages, octet counting of RFC 6587. Syslog has no acknowledgement, so a batch is a connection, and its orderly end by the receiver is one.
import { connect as connectTcp, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { connect as connectTls, getCACertificates } from 'node:tls'
import type { Receiver } from './forwarder.ts'
import type { LedgerLine } from './ledger-line.ts'
import { lineText } from './ledger-line.ts'
import { lookupAllowed, refuseForbiddenReceiver } from './outside-address.ts'

/** `ca`: PEM, trusted beside the authorities that this Node knows. */
export type SyslogTarget = { host: string; port: number; tls: boolean; ca?: string | undefined }

/** RFC 5424 section 6.2.1: 13 is "log audit". */
const facility = 13
const usualSeverity = 6
const raisedSeverity = 4
/** At least so long, and twice as long as connecting took, an end that the receiver sent by itself has to reach us. */
const endsCrossMs = 100

export function syslogReceiver(target: SyslogTarget): Receiver {
  const { host, port, tls } = target
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    name: `syslog ${tls ? 'tls' : 'tcp'}://${shown}:${port}`,
    async send({ rows }, signal) {
      refuseForbiddenReceiver(host, port)
      await sendAll(target, Buffer.from(rows.map(frame).join(''), 'ascii'), signal)
    },
  }
}

/** One message with its length in octets before it; ASCII throughout. */
export function frame(row: LedgerLine): string {
  const message = syslogMessage(row)
  return `${message.length} ${message}`
}

export function syslogMessage(row: LedgerLine, machine = hostname()): string {
  const severity = row.outcome === 'done' || row.outcome === 'intent' ? usualSeverity : raisedSeverity
  const id = printable(row.code, 32)
  return `<${facility * 8 + severity}>1 ${new Date(row.at).toISOString()} ${printable(machine, 255)} sallyport - ${id} - ${lineText(row)}`
}

/** PRINTUSASCII of RFC 5424 section 6; `-` when nothing is left. */
const printable = (text: string, length: number) => text.replace(/[^\x21-\x7e]/g, '').slice(0, length) || '-'

function sendAll(target: SyslogTarget, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(target)
    const began = performance.now()
    let isOurEnd = false
    let closing: NodeJS.Timeout | undefined
    const onAbort = () => fail(new Error('it did not take everything in time'))
    const fail = (error: Error) => {
      settled()
      reject(error)
    }
    const settled = () => {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(closing)
      socket.destroy()
    }
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) return onAbort()
    socket.on('error', fail)
    // What it says is read and forgotten: unread, its end would never be seen.
    socket.resume()
    socket.on('end', () => {
      if (!isOurEnd) return fail(new Error('it closed the connection before we did'))
      settled()
      resolve()
    })
    socket.on('close', () => fail(new Error('it broke the connection off')))
    // Its end means that it has everything only when it follows on ours: one that was on its way already is let arrive before.
    const close = () => {
      isOurEnd = true
      socket.end()
    }
    // With TLS not before the certificate was verified, which is later than the end of the handshake.
    socket.on(target.tls ? 'secureConnect' : 'connect', () => {
      const connectedMs = performance.now() - began
      socket.write(bytes, () => (closing = setTimeout(close, Math.max(endsCrossMs, 2 * connectedMs))))
    })
  })
}

function openSocket({ host, port, tls, ca }: SyslogTarget): Socket {
  const options = { host, port, lookup: lookupAllowed, allowHalfOpen: true }
  if (!tls) return connectTcp(options)
  return connectTls({ ...options, rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }) })
}

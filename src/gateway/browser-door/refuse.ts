// Answers that the door gives by itself, in the shape of the API's errors.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FailureCode } from '#domain/failure.ts'
import { securityHeaders } from './security-headers.ts'

/** `detail`: facts for pages and programs, without secrets. */
export type DoorRefusal = { status: number; code: FailureCode; message: string; retryAfterSeconds?: number; detail?: Readonly<Record<string, unknown>> }

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
  503: 'Service Unavailable',
}
const bodyOf = ({ code, message, detail }: DoorRefusal) => JSON.stringify({ error: { code, message, ...(detail ? { detail } : {}) } })

function headersOf(refusal: DoorRefusal, body: string, secure: boolean): Record<string, string> {
  return {
    ...securityHeaders('data', secure),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    ...(refusal.retryAfterSeconds === undefined ? {} : { 'retry-after': String(refusal.retryAfterSeconds) }),
  }
}

export function refuse(response: ServerResponse, refusal: DoorRefusal, secure: boolean): void {
  if (response.headersSent) return void response.destroy()
  const body = bodyOf(refusal)
  response.writeHead(refusal.status, headersOf(refusal, body, secure)).end(body)
}

/** Refuses an upgrade before 101, and hangs up. */
export function refuseUpgrade(socket: Duplex, refusal: DoorRefusal, secure: boolean): void {
  const body = bodyOf(refusal)
  const lines = Object.entries({ ...headersOf(refusal, body, secure), connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${refusal.status} ${reasons[refusal.status] ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

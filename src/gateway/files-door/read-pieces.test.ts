import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isFailure } from '#domain/failure.ts'
import { readPieces } from './read-pieces.ts'

const pace = { leastBytes: 1000, withinMs: 200 }
let server: Server
let onRequest: (asked: IncomingMessage) => Promise<void>
/** How the reading ended: bytes, or the failure's words. */
let outcome: Promise<number | string>

beforeEach(async () => {
  server = createServer((asked, answer) => {
    void onRequest(asked).finally(() => answer.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function reads(signal = new AbortController().signal, takenAfterMs = 0): void {
  const { promise, resolve } = Promise.withResolvers<number | string>()
  outcome = promise
  onRequest = async (asked) => {
    let bytes = 0
    try {
      for await (const piece of readPieces(asked, signal, pace)) {
        bytes += piece.length
        if (takenAfterMs > 0) await new Promise((taken) => setTimeout(taken, takenAfterMs))
      }
      resolve(bytes)
    } catch (cause) {
      resolve(isFailure(cause) ? cause.message : String(cause))
    }
  }
}
function send() {
  const sent = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, method: 'PUT', agent: false })
  sent.on('error', () => undefined)
  return sent
}

test('all of it, when it comes', async () => {
  reads()
  send().end(Buffer.alloc(300_000))
  expect(await outcome).toBe(300_000)
})

test('a sender that drips is cut, one that is slow and honest is not', async () => {
  reads()
  const drip = send()
  const dripping = setInterval(() => drip.write('x'), 20)
  expect(await outcome).toBe('The body came too slowly.')
  clearInterval(dripping)

  reads()
  const slow = send()
  for (let piece = 0; piece < 15; piece += 1) {
    slow.write(Buffer.alloc(500))
    await new Promise((later) => setTimeout(later, 40))
  }
  slow.end()
  expect(await outcome).toBe(7500)
})

test('who takes slowly is not the sender’s fault', async () => {
  reads(undefined, 500)
  const sent = send()
  sent.write('x')
  setTimeout(() => sent.write('y'), 600)
  setTimeout(() => sent.end('z'), 1100)
  expect(await outcome).toBe(3)
})

test('a line that is cut is told from an end', async () => {
  reads()
  const sent = send()
  sent.write(Buffer.alloc(2000))
  setTimeout(() => sent.destroy(), 50)
  expect(await outcome).toBe('The request broke off.')
})

test('a session that ends cuts what comes', async () => {
  const ended = new AbortController()
  reads(ended.signal)
  send().write(Buffer.alloc(2000))
  setTimeout(() => ended.abort(new Error('revoked')), 50)
  expect(await outcome).toBe('Error: revoked')
})

import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { boundWholeRequest } from './whole-request.ts'

let server: Server
let isPiece = false
let answersAtOnce = false
beforeEach(async () => {
  isPiece = answersAtOnce = false
  server = createServer({ requestTimeout: 0 }, (request, response) => {
    boundWholeRequest(request, response, isPiece, { wholeWithinMs: 150, restWithinMs: 150 })
    request.on('error', () => undefined)
    if (answersAtOnce) response.end('no')
    else request.on('end', () => response.end('whole')).resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Sends a byte each 20 ms, so that nothing is ever idle; what was heard when the connection closed, or after `ms`. */
async function drip(ms: number): Promise<{ heard: string; isOpen: boolean }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let heard = ''
  let isOpen = true
  socket
    .on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
    .on('error', () => undefined)
    .on('close', () => (isOpen = false))
  socket.write(`PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n`)
  for (const late = performance.now() + ms; isOpen && performance.now() < late; await new Promise((resolve) => setTimeout(resolve, 20))) socket.write('x')
  socket.destroy()
  return { heard, isOpen }
}

test('a body that drips is cut in time', async () => {
  expect(await drip(5000)).toEqual({ heard: '', isOpen: false })
})

test('a piece of a file takes as long as its reader lets it', async () => {
  isPiece = true
  expect(await drip(600)).toEqual({ heard: '', isOpen: true })
})

test('a piece that was answered is not sent on for ever', async () => {
  isPiece = answersAtOnce = true
  expect(await drip(5000)).toMatchObject({ heard: expect.stringContaining('200 OK'), isOpen: false })
})

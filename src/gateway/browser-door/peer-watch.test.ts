import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { PeerWatch } from './peer-watch.ts'

const everyMs = 300
let server: WebSocketServer
let here: WebSocket
let there: WebSocket
let watch: PeerWatch
let closedAfterMs: number | undefined
let rounds = 0

async function join(autoPong: boolean): Promise<void> {
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  there = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong })
  ;[here] = await accepted
  const began = performance.now()
  here.on('close', () => (closedAfterMs = performance.now() - began)).on('error', () => undefined)
  there.on('error', () => undefined)
  watch = new PeerWatch(here, () => (rounds += 1), everyMs)
  if (there.readyState !== there.OPEN) await once(there, 'open')
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
beforeEach(async () => {
  closedAfterMs = undefined
  rounds = 0
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
})
afterEach(async () => {
  watch.stop()
  const gone = here.readyState === here.CLOSED ? undefined : once(here, 'close')
  here.terminate()
  there.terminate()
  server.close()
  await gone
})

it('measures the round trip of a peer that answers, and keeps it', async () => {
  await join(true)
  for (let tries = 0; rounds < 3 && tries < 200; tries += 1) await pause(20)
  expect(rounds).toBeGreaterThanOrEqual(3)
  expect(closedAfterMs).toBeUndefined()
})

it('gives up a peer that neither answers, nor says, nor takes anything', async () => {
  await join(false)
  for (let tries = 0; closedAfterMs === undefined && tries < 200; tries += 1) await pause(20)
  expect(closedAfterMs).toBeGreaterThanOrEqual(everyMs)
})

it('keeps a peer whose answer waits behind much output, as long as it says something', async () => {
  await join(false)
  for (let tries = 0; tries < 120; tries += 1) {
    there.send('ack')
    await pause(10)
  }
  expect(closedAfterMs).toBeUndefined()
})

it('waits for an answer behind a backlog as long as a slow line takes for it', async () => {
  await join(true)
  for (let tries = 0; rounds < 1 && tries < 200; tries += 1) await pause(5)
  there.pause()
  here.send(Buffer.alloc(16 * 1024 * 1024))
  await pause(4 * everyMs)
  expect(closedAfterMs).toBeUndefined()
})

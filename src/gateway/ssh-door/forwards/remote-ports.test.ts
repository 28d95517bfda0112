import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { waitUntil } from '../../../../test/harness/wait.ts'
import { readForward } from '#ssh/channel-wire.ts'
import type { GlobalReply } from '#ssh/channels.ts'
import { wireUint32 } from '#ssh/wire-reader.ts'
import { RemotePorts } from './remote-ports.ts'
import { openTwoSides, type TwoSides } from './two-sides.fixture.ts'

let sides: TwoSides
let asked: string[] = []
let answer: (reply: GlobalReply, port: number) => void
beforeAll(async () => {
  sides = await openTwoSides()
  sides.host.onGlobalRequest = (name, value, reply) => {
    const { host, port } = readForward(value)
    asked.push(`${name} ${host}:${port}`)
    if (name !== 'tcpip-forward') return reply?.(true)
    if (reply) answer(reply, port)
    return undefined
  }
}, 60_000)
beforeEach(() => {
  asked = []
  answer = (reply, port) => reply(true, port === 0 ? wireUint32(40_000) : undefined)
})
afterAll(() => sides?.close())

function scope() {
  const over = new AbortController()
  return {
    host: { channels: sides.toHost },
    signal: over.signal,
    get isOver() {
      return over.signal.aborted
    },
    end: () => over.abort(),
  }
}

it('listen on the loopback of the host, and are known by the port that it says', async () => {
  const ports = new RemotePorts<ReturnType<typeof scope>>()
  const of = scope()
  expect([await ports.listen(of, { host: '', port: 8080 }), await ports.listen(of, { host: 'localhost', port: 0 })]).toEqual([8080, 40_000])
  expect(asked).toEqual(['tcpip-forward localhost:8080', 'tcpip-forward localhost:0'])
  expect([ports.at(8080)?.asked, ports.at(40_000)?.asked, ports.at(8081)]).toEqual(['', 'localhost', undefined])
  answer = (reply) => reply(false)
  expect([await ports.listen(of, { host: '', port: 8082 }), ports.at(8082)]).toEqual([undefined, undefined])
})

it('are closed on the host and forgotten with their session, also for the next one', async () => {
  const ports = new RemotePorts<ReturnType<typeof scope>>()
  const [first, second] = [scope(), scope()]
  await ports.listen(first, { host: '', port: 8080 })
  await ports.listen(second, { host: '', port: 8081 })
  first.end()
  expect([ports.at(8080), ports.at(8081)?.scope]).toEqual([undefined, second])
  await waitUntil('the host to hear of it', () => asked.includes('cancel-tcpip-forward localhost:8080'))
  expect([ports.close(8080), ports.close(8081), ports.close(8081)]).toEqual([false, true, false])
})

it('are taken back when the host says yes after the session', async () => {
  const ports = new RemotePorts<ReturnType<typeof scope>>()
  let late: GlobalReply | undefined
  answer = (reply) => void (late = reply)
  const of = scope()
  const listening = ports.listen(of, { host: '', port: 0 })
  await waitUntil('the host to be asked', () => late)
  of.end()
  expect(await listening).toBeUndefined()
  late?.(true, wireUint32(40_001))
  await waitUntil('the host to hear of it', () => asked.includes('cancel-tcpip-forward localhost:40001'))
  expect(ports.at(40_001)).toBeUndefined()
})

it('are sixteen at most, those that the host does not answer too', async () => {
  const ports = new RemotePorts<ReturnType<typeof scope>>()
  const of = scope()
  for (let port = 9000; port < 9015; port += 1) await ports.listen(of, { host: '', port })
  expect(ports.isFull).toBe(false)
  answer = () => undefined
  const listening = ports.listen(of, { host: '', port: 9015 })
  expect(ports.isFull).toBe(true)
  of.end()
  await listening
  expect(ports.isFull).toBe(false)
})

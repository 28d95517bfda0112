// A host on the way that breaks the protocol: real key exchanges with processes of their own, nobody reading what it sends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Failure } from '#domain/failure.ts'
import { ClientTransport } from './client-transport.ts'
import { HostSocket } from './host-socket.ts'
import { maxTunnels, Tunnels } from './tunnels.ts'
import { Userauth } from './userauth.ts'

const cutting = [
  'data-past-a-tunnel',
  'stderr-past-window',
  'packet-too-large',
  'data-after-eof',
  'data-for-another-channel',
  'window-overflow',
  'unasked-reply',
]
const misbehaviours = [...cutting, 'packets-of-zero', 'session-refused', 'none']
const never = new AbortController().signal
const target = { address: 'db.internal', port: 22 }

let child: ChildProcess
let ports: number[] = []
beforeAll(async () => {
  child = spawn(process.execPath, [fileURLToPath(new URL('hostile-ssh-host.fixture.ts', import.meta.url)), ...misbehaviours], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  ports = JSON.parse(line.toString()) as number[]
})
afterAll(() => void child.kill('SIGKILL'))

async function enter(misbehaviour: string) {
  const socket = new HostSocket({ host: '127.0.0.1', port: ports[misbehaviours.indexOf(misbehaviour)] ?? 0 })
  await once(socket.socket, 'connect')
  const transport = new ClientTransport({ socket, hostKeyTypes: [], ident: 'Test' })
  await transport.handshake(never)
  expect(await new Userauth(transport, 'root').password(Buffer.from('x'), never)).toEqual({ accepted: true })
  return { transport, tunnels: new Tunnels(transport, (cause) => cause ?? ({ code: 'closed' } as unknown as Failure)) }
}
const gone = async (transport: ClientTransport): Promise<Failure> => {
  if (!transport.gone.aborted) await once(transport.gone, 'abort')
  return transport.gone.reason as Failure
}

describe('a host on the way', () => {
  it.each(cutting)('that sends %s is cut', async (misbehaviour) => {
    const { transport, tunnels } = await enter(misbehaviour)
    const before = process.memoryUsage().rss
    // It may be cut in the very turn in which it confirms.
    await tunnels.open(target, never).catch((cause: unknown) => expect(cause).toMatchObject({ code: 'host_protocol_error' }))
    expect(await gone(transport)).toMatchObject({ code: 'host_protocol_error' })
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  })

  it('that would make us spin is cut, and one that refuses is told so', async () => {
    const zero = await enter('packets-of-zero')
    await expect(zero.tunnels.open(target, never)).rejects.toMatchObject({ code: 'host_protocol_error' })
    const refusing = await enter('session-refused')
    await expect(refusing.tunnels.open(target, never)).rejects.toMatchObject({ code: expect.stringMatching(/^(channel_refused|host_unreachable)$/) as string })
    refusing.transport.close()
  })

  it('hands on what came, ends its lines when it is lost, and carries a bounded number of them', async () => {
    const { transport, tunnels } = await enter('none')
    const lines = await Promise.all(Array.from({ length: maxTunnels }, () => tunnels.open(target, never)))
    await expect(tunnels.open(target, never)).rejects.toMatchObject({ code: 'rate_limited' })
    const heard: string[] = []
    for (const [at, line] of lines.entries()) {
      line.on('error', (cause: Error) => heard.push(`${at} ${(cause as Failure).code}`))
      line.start((bytes) => heard.push(`${at} ${bytes.toString()}`))
    }
    while (heard.length < maxTunnels) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(heard.toSorted()).toEqual(lines.map((_line, at) => `${at} ready`).toSorted())
    const [first] = lines
    first?.destroy()
    heard.length = 0
    transport.close({ code: 'host_timeout', message: 'x' } as Failure)
    expect(heard).toEqual(lines.slice(1).map((_line, at) => `${at + 1} host_timeout`))
    expect(lines.map((line) => [line.destroyed, line.writable])).toEqual(lines.map(() => [true, false]))
    await expect(tunnels.open(target, never)).rejects.toMatchObject({ code: 'closed' })
    await expect(tunnels.open(target, AbortSignal.abort(new Error('given up')))).rejects.toBeDefined()
  })

  it('is not waited for any longer than the signal says', async () => {
    const { transport, tunnels } = await enter('none')
    const abort = new AbortController()
    const opening = tunnels.open(target, abort.signal)
    abort.abort(new Error('given up'))
    await expect(opening).rejects.toThrow('given up')
    // Its late confirmation is answered with a close, and breaks nothing.
    const line = await tunnels.open(target, never)
    expect(transport.isClosed).toBe(false)
    line.destroy()
    transport.close()
  })
})

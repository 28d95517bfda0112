// Channels towards a real sshd: several at once, in both directions, with what a session is made of.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../test/harness/sshd.ts'
import type { Channel } from './channel.ts'
import { envValue, exitSignalValue, ptyValue, readExitSignal, readExitStatus } from './channel-wire.ts'
import { Channels } from './channels.ts'
import { signedIn } from './signed-in.fixture.ts'
import { wireString } from './wire-reader.ts'

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd({ config: ['AcceptEnv LC_*'] })
}, 60_000)
afterAll(async () => await sshd?.stop())
const never = new AbortController().signal

type Ran = { out: Buffer; err: Buffer; status: number | undefined; signal: string | undefined; order: string[] }
/** Everything that comes until it is closed. */
function heard(channel: Channel): Promise<Ran> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const order: string[] = []
  let status: number | undefined
  let signal: string | undefined
  return new Promise((resolve) => {
    channel.listen({
      data: (bytes, isStderr) => {
        if (order.at(-1) !== 'data') order.push('data')
        ;(isStderr ? err : out).push(Buffer.from(bytes))
      },
      eof: () => void order.push('eof'),
      request: (type, value, reply) => {
        order.push(type)
        if (type === 'exit-status') status = readExitStatus(value)
        if (type === 'exit-signal') signal = readExitSignal(value).signal
        reply?.(false)
      },
      closed: () => {
        order.push('closed')
        resolve({ out: Buffer.concat(out), err: Buffer.concat(err), status, signal, order })
      },
    })
    channel.resume()
  })
}
async function run(channels: Channels, command: string | Buffer, input?: Buffer): Promise<Ran> {
  const channel = await channels.open({ type: 'session' }, never)
  const ran = heard(channel)
  expect(await channel.request('exec', wireString(command))).toBe(true)
  if (input) channel.write(input)
  channel.end()
  return await ran
}

describe('channels to a host', () => {
  it('run commands beside each other, each with its streams, status and signal', async () => {
    const transport = await signedIn(sshd)
    const channels = new Channels(transport)
    const [first, second, third, fourth] = await Promise.all([
      run(channels, 'seq 200000; seq 5 >&2; exit 3'),
      run(channels, 'cat', Buffer.from('what was typed')),
      run(channels, 'kill -TERM $$'),
      run(channels, Buffer.from([...Buffer.from("printf '%s' '"), 0xff, 0xfe, 0x27])),
    ])
    expect(first.out.toString()).toBe(Array.from({ length: 200_000 }, (_, at) => `${at + 1}\n`).join(''))
    expect([first.err.toString(), first.status, first.order.at(-1)]).toEqual(['1\n2\n3\n4\n5\n', 3, 'closed'])
    expect([second.out.toString(), second.status]).toEqual(['what was typed', 0])
    expect([third.signal, third.status]).toEqual(['TERM', undefined])
    expect(fourth.out).toEqual(Buffer.of(0xff, 0xfe))
    expect(channels.size).toBe(0)
    transport.close()
  })

  it('carry environment, terminal, subsystem and connections further', async () => {
    const transport = await signedIn(sshd)
    const channels = new Channels(transport)
    const session = await channels.open({ type: 'session' }, never)
    const ran = heard(session)
    const pty = { term: 'vt100', cols: 91, rows: 17, widthPixels: 0, heightPixels: 0, modes: Buffer.from([53, 0, 0, 0, 0, 0]) }
    expect(
      await Promise.all([
        session.request('env', envValue('LC_TEST', Buffer.from([0xc3, 0xa9]))),
        session.request('env', envValue('LD_PRELOAD', 'x')),
        session.request('pty-req', ptyValue(pty)),
        session.request('exec', wireString('echo $LC_TEST $TERM; stty size; stty -a | grep -o -- "-echo "')),
      ]),
    ).toEqual([true, false, true, true])
    expect((await ran).out.toString()).toBe('é vt100\r\n17 91\r\n-echo \r\n')

    const sftp = await channels.open({ type: 'session' }, never)
    const said = heard(sftp)
    expect(await sftp.request('subsystem', wireString('sftp'))).toBe(true)
    sftp.pause()
    sftp.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]))
    while (sftp.heldBytes === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    sftp.resume()
    sftp.end()
    expect((await said).out.subarray(4, 9)).toEqual(Buffer.from([2, 0, 0, 0, 3]))

    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const way = { host: '127.0.0.1', port, originHost: '127.0.0.1', originPort: 1 }
    const direct = await channels.open({ type: 'direct-tcpip', ...way }, never)
    const echoed = heard(direct)
    const sent = Buffer.alloc(5_000_000, 'tunnel')
    direct.write(sent)
    direct.end()
    expect((await echoed).out.equals(sent)).toBe(true)
    server.close()
    await expect(channels.open({ type: 'direct-tcpip', ...way, port: 1 }, never)).rejects.toMatchObject({ code: 'channel_refused', detail: { reason: 2 } })
    transport.close()
  })

  it('lose nothing of 20 MiB each way and on stderr at once', async () => {
    const transport = await signedIn(sshd)
    const channels = new Channels(transport)
    const bytes = 20 * 1024 * 1024
    const input = Buffer.alloc(bytes, 'abcdefg')
    const command = `head -c ${bytes} /dev/zero | tr '\\0' e >&2 & cat; wait; exit 9`
    const ran = await run(channels, command, input)
    const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex')
    expect([ran.status, ran.err.length, digest(ran.err)]).toEqual([9, bytes, digest(Buffer.alloc(bytes, 'e'))])
    expect(digest(ran.out)).toBe(digest(input))
    transport.close()
  })

  it('are read no further than they are taken', async () => {
    const transport = await signedIn(sshd)
    const channels = new Channels(transport)
    const channel = await channels.open({ type: 'session' }, never)
    const ran = heard(channel)
    channel.pause()
    await channel.request('exec', wireString('head -c 10000000 /dev/zero'))
    // The other channels go on meanwhile.
    expect((await run(channels, 'echo beside')).out.toString()).toBe('beside\n')
    while (channel.heldBytes < 2 * 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await run(channels, 'echo beside')).out.toString()).toBe('beside\n')
    expect(channel.heldBytes).toBe(2 * 1024 * 1024)
    channel.resume()
    expect((await ran).out.length).toBe(10_000_000)
    transport.close()
  })

  it('end with their connection, after what came before', async () => {
    const transport = await signedIn(sshd)
    const channels = new Channels(transport)
    const channel = await channels.open({ type: 'session' }, never)
    const calls: string[] = []
    const ended = new Promise<void>((resolve) =>
      channel.listen({
        data: (bytes) => void calls.push(bytes.toString()),
        hungUp: () => void calls.push('hung up'),
        closed: (cause, isBroken) => {
          calls.push(`closed ${cause?.code} ${isBroken}`)
          resolve()
        },
      }),
    )
    await channel.request('exec', wireString('echo before; sleep 100'))
    while (channel.heldBytes === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    sshd.cutSessions()
    while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(calls).toEqual(['hung up'])
    channel.resume()
    await ended
    expect(calls).toEqual(['hung up', 'before\n', 'closed host_protocol_error true'])
    await expect(channels.open({ type: 'session' }, never)).rejects.toMatchObject({ code: 'host_protocol_error' })
  })
})

describe('the values of requests', () => {
  it('keep what is on no list', () => {
    const exit = { signal: 'RTMIN+3', isCoreDumped: true, text: 'gone' }
    expect(readExitSignal(exitSignalValue(exit))).toEqual(exit)
  })
})

// Real clients at the door, with what comes back of what they send: through key exchanges by bytes, inside of another connection, and with somebody on the way.
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { connect, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Authenticator } from './authenticator.ts'
import { ChannelLine } from './channel-line.ts'
import { Channels, type OpenRequest } from './channels.ts'
import { ServerAuth } from './server-auth.ts'
import { ServerTransport } from './server-transport.ts'
import { hostKeysOfFile, startTestDoor, type TestDoor } from './test-door.fixture.ts'

const authenticator: Authenticator = {
  none: async () => ({ state: 'accepted' }),
  keyOffered: async () => false,
  key: async () => ({ state: 'refused' }),
  password: async () => ({ state: 'accepted' }),
  keyboard: () => ({ next: async () => ({ state: 'refused' }), cancel: () => undefined }),
}

/** Gives back what comes, and after its end what it made of it. */
function echo(request: OpenRequest): void {
  const channel = request.accept()
  channel.listen({
    data: (bytes) => {
      if (!channel.write(bytes)) channel.pause()
    },
    room: () => channel.resume(),
    eof: () => {
      void channel.request('exit-status', Buffer.of(0, 0, 0, 7), false)
      channel.close()
    },
    request: (_type, _value, reply) => reply?.(true),
    closed: () => undefined,
  })
  channel.resume()
}

/** A connection inside of a channel is a connection like every other. */
async function comeInside(request: OpenRequest): Promise<void> {
  const line = new ChannelLine(request.accept(), () => new Error('the way is gone'))
  const inner = new ServerTransport({ line, keys: (await hostKeysOfFile()).keys, ident: 'Sallyport_inner' })
  await inner.handshake()
  users.push(await new ServerAuth(inner, authenticator).signIn())
  new Channels(inner).onOpen = echo
}

const users: string[] = []
let door: TestDoor
beforeAll(async () => {
  door = await startTestDoor({
    authenticator: () => authenticator,
    limits: { rekeyAfterBytes: 1024 * 1024 },
    signedIn: (transport, user) => {
      users.push(user)
      new Channels(transport).onOpen = (request) => (request.opening.type === 'session' ? echo(request) : void comeInside(request))
    },
  })
}, 60_000)
afterAll(async () => await door?.close())

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
type Ran = { code: number | null; out: Buffer; err: string }
/** Runs a client with `input` until it ends. */
function run(program: string, args: readonly string[], input: Buffer): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env['PATH'], HOME: door.folder }, timeout: 60_000 })
    const out: Buffer[] = []
    let err = ''
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
    child.stdin.on('error', () => undefined)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out: Buffer.concat(out), err }))
    child.stdin.end(input)
  })
}
const known = (port = door.port) => ['-F', 'none', '-p', String(port), '-o', `UserKnownHostsFile=${door.folder}/known_hosts`, '-o', 'BatchMode=yes']
const ssh = (args: readonly string[], input: Buffer, port = door.port) => run('ssh', [...known(port), ...args, 'a@127.0.0.1', 'echo'], input)

describe('a client at the door', () => {
  it.each([
    ['asks for new keys at every 64 KiB, and so do we at each MiB', ['-o', 'RekeyLimit=64K'], 6],
    ['asks for them as often as we do', ['-o', 'RekeyLimit=1M'], 12],
    ['leaves it to us, by the ciphers without a length of their own', ['-c', 'aes256-ctr', '-m', 'hmac-sha2-256'], 12],
    ['leaves it to us', [], 12],
  ])(
    '%s, and loses nothing',
    async (_name, args, mebibytes) => {
      const input = randomBytes(mebibytes * 1024 * 1024)
      const { code, out, err } = await ssh(['-v', ...args], input)
      expect(digest(out)).toBe(digest(input))
      expect(code).toBe(7)
      expect(err.split('SSH2_MSG_KEXINIT received').length).toBeGreaterThan(mebibytes / 2)
    },
    60_000,
  )

  it('signs in again inside of its connection, as ssh -J does', async () => {
    const input = randomBytes(3 * 1024 * 1024)
    users.length = 0
    const { code, out } = await ssh(
      ['-J', `outer@127.0.0.1:${door.port}`, '-o', `ProxyCommand=ssh ${known().join(' ')} -W 127.0.0.1:${door.port} outer@127.0.0.1`].slice(2),
      input,
    )
    expect(digest(out)).toBe(digest(input))
    expect([code, users]).toEqual([7, ['outer', 'a']])
  }, 60_000)

  it('may be Dropbear, which guesses the first packet of the key exchange and does not wait for its end', async () => {
    const input = randomBytes(300_000)
    const { code, out } = await run('dbclient', ['-y', '-y', '-p', String(door.port), 'a@127.0.0.1', 'echo'], input)
    expect(code).toBe(7)
    expect(digest(out)).toBe(digest(input))
  })
})

describe('somebody on the way', () => {
  /** Passes bytes on, and slips IGNORE in before the packet of number `after` (KEXINIT is 1) from the side named. */
  function meddler(from: 'client' | 'door', after: number): Promise<{ port: number; server: Server }> {
    const ignore = Buffer.from('0000000c060200000000000000000000', 'hex')
    const server = createServer((near) => {
      const far = connect({ port: door.port, host: '127.0.0.1' })
      for (const socket of [near, far]) socket.on('error', () => undefined).on('close', () => (near.destroy(), far.destroy()))
      const [source, sink, other] = from === 'client' ? [near, far, far] : [far, near, near]
      other.on('data', (bytes: Buffer) => (from === 'client' ? near : far).write(bytes))
      let held = Buffer.alloc(0)
      let packets = -1
      source.on('data', (bytes: Buffer) => {
        if (packets > after) return void sink.write(bytes)
        held = Buffer.concat([held, bytes])
        for (;;) {
          const end = packets < 0 ? held.indexOf(0x0a) + 1 : held.length >= 4 ? 4 + held.readUInt32BE(0) : 0
          if (end === 0 || held.length < end) return
          packets += 1
          if (packets === after) sink.write(ignore)
          sink.write(held.subarray(0, end))
          held = held.subarray(end)
          if (packets > after) return void sink.write(held)
        }
      })
    })
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve({ port: typeof address === 'object' && address ? address.port : 0, server })
      }),
    )
  }

  it.each(['client', 'door'] as const)('cannot slip a packet in before the keys, from the side of the %s', async (from) => {
    for (const after of [1, 2, 3]) {
      const { port, server } = await meddler(from, after)
      const before = users.length
      const { code } = await ssh(['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=/dev/null`], Buffer.from('x'), port)
      expect([after, code, users.length]).toEqual([after, 255, before])
      server.close()
    }
  })

  it('changes nothing by passing everything on', async () => {
    const { port, server } = await meddler('client', -2)
    const { code, out } = await ssh(['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=/dev/null`], Buffer.from('x'), port)
    expect([code, out.toString()]).toEqual([7, 'x'])
    server.close()
  })
})

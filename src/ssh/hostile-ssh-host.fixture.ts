// Run as a process of its own: one host for each argument, which completes a real key exchange and then breaks the protocol as the argument says. Prints their ports.
// The library is loaded bare here: in the product's own process its message table is under our rules.
import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'

type RawEngine = {
  _packetRW: { write: { allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer } }
  _cipher: { encrypt(packet: Buffer): void }
  _onWrite: (data: Buffer) => void
  channelData(id: number, data: Buffer): void
  channelExtData(id: number, data: Buffer, type: number): void
  channelEOF(id: number): void
  channelOpenConfirm(remote: number, local: number, window: number, packet: number): void
  rekey(): void
  _hostKeys: Record<string, unknown>
  _handlers: Record<string, (...args: never[]) => void>
}
type Emitter = { on(event: string, call: (...args: never[]) => void): Emitter }
type Context = {
  method: string
  username: string
  accept(): void
  reject(methods?: string[]): void
  prompt(prompts: unknown[], answered: (answers: string[]) => void): void
}
type ServerChannel = { outgoing: { id: number } }

const ssh2 = createRequire(import.meta.url)('ssh2') as {
  utils: { parseKey(pem: string): unknown }
  Server: new (
    options: object,
    connected: (client: Emitter & { _protocol: RawEngine; _sock: { pause(): void } }) => void,
  ) => Emitter & { listen(port: number, host: string, call: () => void): void; address(): { port: number } }
}
const makeKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const key = makeKey()

function raw(engine: RawEngine, payload: Buffer): void {
  const { write } = engine._packetRW
  const at = write.allocStart
  const packet = write.alloc(payload.length)
  packet.set(payload, at)
  engine._cipher.encrypt(write.finalize(packet))
}
const text = (value: string) => Buffer.concat([Buffer.of(0, 0, value.length >> 8, value.length & 255), Buffer.from(value)])
const globalRequest = Buffer.concat([Buffer.of(80), text('nothing@example.org'), Buffer.of(1)])
const banner = Buffer.concat([Buffer.of(53), text('welcome '.repeat(500)), text('')])

function afterShell(misbehaviour: string, engine: RawEngine, id: number, client: { isGone: () => boolean; stopReading: () => void }): void {
  switch (misbehaviour) {
    case 'data-past-window':
      for (let at = 0; at < 40; at++) engine.channelData(id, Buffer.alloc(32_768, 120))
      break
    case 'stderr-past-window':
      for (let at = 0; at < 40; at++) engine.channelExtData(id, Buffer.alloc(32_768, 120), 1)
      break
    case 'data-past-a-tunnel':
      for (let at = 0; at < 80; at++) engine.channelData(id, Buffer.alloc(32_768, 120))
      break
    case 'packet-too-large':
      engine.channelData(id, Buffer.alloc(33_000, 120))
      break
    case 'data-after-eof':
      engine.channelEOF(id)
      engine.channelData(id, Buffer.from('late'))
      break
    case 'data-for-another-channel':
      engine.channelData(id + 7, Buffer.from('stray'))
      break
    case 'window-overflow':
      raw(engine, Buffer.concat([Buffer.of(93, 0, 0, 0, id), Buffer.from('ffffffff', 'hex')]))
      raw(engine, Buffer.concat([Buffer.of(93, 0, 0, 0, id), Buffer.from('ffffffff', 'hex')]))
      break
    case 'auth-failure-after-sign-in':
      raw(engine, Buffer.concat([Buffer.of(51), text('password'), Buffer.of(0)]))
      break
    case 'unasked-reply':
      raw(engine, Buffer.of(99, 0, 0, 0, id))
      break
    case 'requests-without-end': {
      client.stopReading()
      const pour = () => {
        for (let at = 0; at < 2000; at++) raw(engine, globalRequest)
        if (!client.isGone()) setImmediate(pour)
      }
      pour()
      break
    }
    case 'another-key-at-rekey': {
      const other = ssh2.utils.parseKey(makeKey())
      for (const algorithm of Object.keys(engine._hostKeys)) engine._hostKeys[algorithm] = other
      engine.rekey()
      break
    }
    case 'rekeys-without-end':
      setInterval(() => client.isGone() || engine.rekey(), 5).unref()
      break
    default:
      engine.channelData(id, Buffer.from('ready'))
  }
}

function startHost(misbehaviour: string): Promise<number> {
  const server = new ssh2.Server({ hostKeys: [key], ident: 'Hostile' }, (client) => {
    const engine = client._protocol
    let isGone = false
    client.on('error', () => {})
    client.on('close', () => (isGone = true))
    client.on('handshake', () => {
      if (misbehaviour === 'channel-before-sign-in') raw(engine, Buffer.concat([Buffer.of(90), text('session'), Buffer.alloc(12)]))
      if (misbehaviour === 'request-before-sign-in') raw(engine, globalRequest)
      if (misbehaviour === 'success-before-asking') raw(engine, Buffer.of(52))
      if (misbehaviour === 'extensions-without-end') raw(engine, Buffer.concat([Buffer.of(7), Buffer.from('ffffffff', 'hex'), text('a'), text('b')]))
      if (misbehaviour === 'banners-without-end') for (let at = 0; at < 300; at++) raw(engine, banner)
      if (misbehaviour === 'noise-before-sign-in')
        for (let at = 0; at < 100; at++) raw(engine, Buffer.concat([Buffer.of(2, 0, 0, 0x75, 0x30), Buffer.alloc(30_000)]))
    })
    client.on('authentication', (context: Context) => {
      if (misbehaviour === 'silent-at-sign-in') return
      if (misbehaviour === 'prompts-without-end') {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
        const again = () => context.prompt([{ prompt: 'Again:', echo: true }], again)
        return again()
      }
      if (misbehaviour === 'prompts-by-the-thousand') {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
        return context.prompt(
          Array.from({ length: 1000 }, () => ({ prompt: 'x', echo: true })),
          () => {},
        )
      }
      if (context.method === 'none') return context.reject(['password'])
      context.accept()
    })
    client.on('tcpip', (accept: () => ServerChannel, reject: () => void) => {
      if (misbehaviour === 'session-refused') return reject()
      if (misbehaviour === 'packets-of-zero') return engine.channelOpenConfirm(0, 0, 1_000_000, 0)
      afterShell(misbehaviour, engine, accept().outgoing.id, { isGone: () => isGone, stopReading: () => client._sock.pause() })
    })
    client.on('session', (accept: () => Emitter, reject: () => void) => {
      if (misbehaviour === 'session-refused') return reject()
      if (misbehaviour === 'packets-of-zero') return engine.channelOpenConfirm(0, 0, 1_000_000, 0)
      const session = accept()
      session.on('pty', (yes: () => void, no: () => void) => (misbehaviour === 'terminal-refused' ? no() : yes()))
      session.on('window-change', () => {})
      session.on('shell', (yes: () => ServerChannel, no: () => void) => {
        if (misbehaviour === 'shell-refused') return no()
        afterShell(misbehaviour, engine, yes().outgoing.id, { isGone: () => isGone, stopReading: () => client._sock.pause() })
      })
    })
  })
  server.on('error', () => {})
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}

const ports = await Promise.all(process.argv.slice(2).map(startHost))
process.stdout.write(`${JSON.stringify(ports)}
`)
process.on('uncaughtException', () => {})
// The test that started it is gone.
process.stdin.on('end', () => process.exit()).resume()

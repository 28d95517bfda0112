// A client that sends any packet, before and after the keys. Made of node:crypto alone, so that no rule and no care of the library stands between a test and the door.
import { createCipheriv, createDecipheriv, createHash, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { wireMpint, wireString, wireUint32, WireReader } from './wire-reader.ts'

export type RawOptions = {
  ident?: string
  /** Announces strict key exchange, as every client of today does. Default: true. */
  isStrict?: boolean
  /** Announces that it wants EXT_INFO. Default: false. */
  wantsExtInfo?: boolean
  kex?: string
  /** What is sent as Q_C instead of a key. */
  publicKey?: Buffer
}
type Direction = { key: Buffer; iv: Buffer }

const cipherName = 'aes128-gcm@openssh.com'
// RFC 8410: what stands before the 32 bytes of an X25519 key.
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex')

export class RawClient {
  readonly socket: Socket
  /** Resolves when the door has closed the connection. */
  readonly closed: Promise<void>
  readonly options: RawOptions
  /** Everything that came before the keys, and whatever was no packet. */
  serverIdent = ''
  sessionId: Buffer = Buffer.alloc(0)
  /** Messages sent since the keys, which is what UNIMPLEMENTED counts under strict key exchange. */
  sent = 0
  /** DISCONNECT, once it came. */
  goodbye: { reason: number; text: string } | undefined
  #buffer: Buffer = Buffer.alloc(0)
  #packets: Buffer[] = []
  #wake: (() => void) | undefined
  #isGone = false
  /** NEWKEYS came, and the keys have not been taken. */
  #isBetweenKeys = false
  #out: Direction | undefined
  #in: Direction | undefined
  #kexInit: Buffer = Buffer.alloc(0)

  private constructor(at: number | string, options: RawOptions) {
    this.options = options
    this.socket = typeof at === 'string' ? connect(at) : connect({ port: at, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk])
      this.#unpack()
      this.#wake?.()
    })
    this.socket.on('error', () => undefined)
    this.closed = new Promise((resolve) =>
      this.socket.on('close', () => {
        this.#isGone = true
        this.#wake?.()
        resolve()
      }),
    )
  }

  /** Connected; nothing is sent yet. `at`: a port, or the path of a socket. */
  static async connect(at: number | string, options: RawOptions = {}): Promise<RawClient> {
    const client = new RawClient(at, options)
    await new Promise<void>((resolve) => client.socket.once('connect', resolve))
    return client
  }

  /** Connected, and the keys are agreed. */
  static async open(at: number | string, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.connect(at, options)
    await client.exchangeKeys()
    return client
  }

  /** Bytes as they are. */
  bytes(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** One packet, however wrong its payload may be. */
  send(...parts: Buffer[]): void {
    this.bytes(this.pack(Buffer.concat(parts)))
  }

  /** `length` instead of the true length, `padding` instead of the true one, and a tag that is wrong. */
  pack(payload: Buffer, wrong: { length?: number; padding?: number; isForged?: boolean } = {}): Buffer {
    const block = this.#out ? 16 : 8
    const bare = (this.#out ? 1 : 5) + payload.length
    let padding = block - (bare % block)
    if (padding < 4) padding += block
    const body = Buffer.concat([Buffer.of(wrong.padding ?? padding), payload, randomBytes(padding)])
    const length = wireUint32(wrong.length ?? body.length)
    this.sent += 1
    if (!this.#out) return Buffer.concat([length, body])
    const cipher = createCipheriv('aes-128-gcm', this.#out.key, this.#out.iv)
    cipher.setAAD(length)
    const sealed = Buffer.concat([cipher.update(body), cipher.final()])
    const tag = cipher.getAuthTag()
    if (wrong.isForged) tag[0] = (tag[0] ?? 0) ^ 1
    step(this.#out.iv)
    return Buffer.concat([length, sealed, tag])
  }

  /** The next message; of type `type`, when it is given: others are passed over. Rejects when the connection ends first. */
  async next(type?: number, withinMs = 10_000): Promise<Buffer> {
    const until = performance.now() + withinMs
    for (;;) {
      const packet = this.#packets.shift()
      if (packet && (type === undefined || packet[0] === type)) return packet
      if (packet) continue
      if (this.#isGone) throw new Error(`the connection ended${this.goodbye ? `: ${this.goodbye.reason} ${this.goodbye.text}` : ''}`)
      if (performance.now() > until) throw new Error(`no message ${type ?? ''} in ${withinMs} ms`)
      await this.#more(until - performance.now())
    }
  }

  async identify(): Promise<void> {
    this.bytes(Buffer.from(`${this.options.ident ?? 'SSH-2.0-Raw'}\r\n`))
    for (const until = performance.now() + 10_000; this.serverIdent === '' && !this.#isGone && performance.now() < until;) await this.#more(1000)
  }

  sendKexInit(): void {
    const kex = [this.options.kex ?? 'curve25519-sha256']
    if (this.options.isStrict ?? true) kex.push('kex-strict-c-v00@openssh.com')
    if (this.options.wantsExtInfo) kex.push('ext-info-c')
    const lists = [kex.join(','), 'ssh-ed25519', cipherName, cipherName, 'hmac-sha2-256', 'hmac-sha2-256', 'none', 'none', '', '']
    this.#kexInit = Buffer.concat([Buffer.of(20), randomBytes(16), ...lists.map((list) => wireString(list)), Buffer.of(0), wireUint32(0)])
    this.send(this.#kexInit)
  }

  /** A whole key exchange, the first or another one. `between`: before NEWKEYS. */
  async exchangeKeys(between: () => void = () => undefined): Promise<void> {
    if (this.serverIdent === '') await this.identify()
    this.sendKexInit()
    const theirInit = await this.next(20)
    const pair = generateKeyPairSync('x25519')
    const mine = this.options.publicKey ?? Buffer.from(pair.publicKey.export({ type: 'spki', format: 'der' })).subarray(-32)
    this.send(Buffer.of(30), wireString(mine))
    const reader = new WireReader(await this.next(31))
    reader.byte()
    const hostKey = reader.string()
    const theirs = reader.string()
    const publicKey = createPublicKey({ key: Buffer.concat([x25519Prefix, theirs]), format: 'der', type: 'spki' })
    const secret = wireMpint(diffieHellman({ privateKey: pair.privateKey, publicKey }))
    const hashed = [this.options.ident ?? 'SSH-2.0-Raw', this.serverIdent, this.#kexInit, theirInit, hostKey, mine, theirs].map((part) => wireString(part))
    const hash = createHash('sha256')
      .update(Buffer.concat([...hashed, secret]))
      .digest()
    if (this.sessionId.length === 0) this.sessionId = hash
    const derive = (letter: string) =>
      createHash('sha256')
        .update(Buffer.concat([secret, hash, Buffer.from(letter), this.sessionId]))
        .digest()
    between()
    this.send(Buffer.of(21))
    this.#out = { iv: derive('A').subarray(0, 12), key: derive('C').subarray(0, 16) }
    if (this.options.isStrict ?? true) this.sent = 0
    await this.next(21)
    this.#in = { iv: derive('B').subarray(0, 12), key: derive('D').subarray(0, 16) }
    this.#isBetweenKeys = false
    this.#unpack()
  }

  async service(name = 'ssh-userauth'): Promise<void> {
    this.send(Buffer.of(5), wireString(name))
    await this.next(6)
  }

  /** USERAUTH_REQUEST with the method's own fields. */
  request(user: string | Buffer, method: string, ...fields: Buffer[]): void {
    this.send(Buffer.of(50), wireString(user), wireString('ssh-connection'), wireString(method), ...fields)
  }

  password(user: string | Buffer, password: string | Buffer): void {
    this.request(user, 'password', Buffer.of(0), wireString(password))
  }

  /** Connected, keys agreed, signed in by password. */
  static async signedIn(at: number | string, user: string, password: string, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(at, options)
    await client.service()
    client.password(user, password)
    await client.next(52)
    return client
  }

  /** How the door ended it; waits for the end. */
  async end(withinMs = 10_000): Promise<{ reason: number; text: string } | undefined> {
    const late = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error(`still open after ${withinMs} ms`)), withinMs).unref())
    await Promise.race([this.closed, late])
    return this.goodbye
  }

  async #more(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, Math.max(1, ms))
    })
    clearTimeout(timer)
    this.#wake = undefined
  }

  #unpack(): void {
    if (this.serverIdent === '') {
      const end = this.#buffer.indexOf(0x0a)
      if (end < 0) return
      this.serverIdent = this.#buffer.subarray(0, end).toString('latin1').trimEnd()
      this.#buffer = this.#buffer.subarray(end + 1)
    }
    while (this.#buffer.length >= 4 && !this.#isBetweenKeys) {
      const length = this.#buffer.readUInt32BE(0)
      const whole = 4 + length + (this.#in ? 16 : 0)
      if (this.#buffer.length < whole) return
      const packet = this.#buffer.subarray(0, whole)
      let body = packet.subarray(4, 4 + length)
      if (this.#in) {
        const decipher = createDecipheriv('aes-128-gcm', this.#in.key, this.#in.iv)
        decipher.setAAD(packet.subarray(0, 4))
        decipher.setAuthTag(packet.subarray(4 + length))
        try {
          body = Buffer.concat([decipher.update(body), decipher.final()])
        } catch {
          return // a goodbye under the keys before: the door closes next
        }
        step(this.#in.iv)
      }
      this.#buffer = this.#buffer.subarray(whole)
      const payload = Buffer.from(body.subarray(1, body.length - (body[0] ?? 0)))
      if (payload[0] === 1) {
        const reader = new WireReader(payload.subarray(1))
        this.goodbye = { reason: reader.uint32(), text: reader.text() }
      }
      this.#packets.push(payload)
      if (payload[0] === 21) this.#isBetweenKeys = true
    }
  }
}

/** RFC 5647 section 7.1: the invocation counter, the last 8 bytes. */
function step(iv: Buffer): void {
  iv.writeBigUInt64BE(BigInt.asUintN(64, iv.readBigUInt64BE(4) + 1n), 4)
}

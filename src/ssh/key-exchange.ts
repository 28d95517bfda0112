// Seams in the library's key exchange: a method that it lacks (ML-KEM), the rule of the guessed packet as RFC 4253 has it, and no ChaCha20 where a prefix could be cut off (CVE-2023-48795).
// What of the library is touched is held by the hash in `library.ts`; ADR 26 tells each place.
import type { Engine } from './library.ts'
import { answerMlKem, beginMlKem, mlkem, type MlKemBegun } from './mlkem.ts'
import { WireReader, WireFault, wireString } from './wire-reader.ts'

type Direction = { cipher: string; mac: string }
/** One key exchange of the library: of its internals what is replaced. */
type Exchange = {
  readonly _protocol: KexEngine
  readonly negotiated: { kex: string; cs: Direction; sc: Direction }
  /** The other side's KEXINIT as it came: it is hashed. */
  _remoteKexinit: Buffer
}
type List = { array: string[] }
export interface KexEngine extends Engine {
  readonly _offer: { lists: { kex: List; serverHostKey: List; cs: { cipher: List }; sc: { cipher: List } } }
  /** Undefined before the first KEXINIT. */
  readonly _strictMode: boolean | undefined
  _skipNextInboundPacket: boolean
}
type OnPayload = (this: KexEngine, state: { firstPacket: boolean }, payload: Buffer) => number | undefined
type Handler = (engine: KexEngine, payload: Buffer) => number | undefined
export type KexModule = { onKEXPayload: OnPayload; HANDLERS: Record<number, Handler | undefined> }
type Cut = (engine: Engine, why: string) => void

const kexInit = 20
const standIn = 'curve25519-sha256'
const chacha = 'chacha20-poly1305@openssh.com'
const isMarker = (name: string) => name.startsWith('ext-info-') || name.startsWith('kex-strict-')

type Lists = { kex: string[]; hostKey: string[]; cs: string[]; sc: string[]; firstFollows: boolean; rest: Buffer }
/** RFC 4253 section 7.1. Throws `WireFault` when it is cut. */
function readKexInit(payload: Buffer): Lists {
  const reader = new WireReader(payload)
  reader.take(17)
  const names = () => reader.string().toString('latin1').split(',')
  const kex = names()
  const rest = payload.subarray(payload.length - reader.remaining)
  const [hostKey, cs, sc] = [names(), names(), names()]
  for (let each = 0; each < 6; each++) reader.string()
  const firstFollows = reader.byte() !== 0
  reader.uint32()
  return { kex, hostKey, cs, sc, firstFollows, rest }
}

/** The first of the client's names that the server has too. */
const elected = (engine: Engine, ours: readonly string[], theirs: readonly string[]): string | undefined => {
  const [client, server] = engine._server ? [theirs, ours] : [ours, theirs]
  return client.find((name) => server.includes(name))
}

/** Why a connection was cut where ChaCha20 would have been agreed on. */
export const noStrictness = 'chacha20-poly1305 is not safe without strict key exchange (CVE-2023-48795), and nothing else can be agreed on'
const lenient = new WeakSet<Engine>()
/** For a host that is marked as one that may use old algorithms. */
export const allowChaChaWithoutStrictness = (engine: Engine): unknown => lenient.add(engine)

/** For the length of one call: the exchange that the library makes next is to be ML-KEM, and this is the KEXINIT that really came. */
let awaited: { engine: KexEngine; payload: Buffer } | undefined

function withKexInit(engine: KexEngine, payload: Buffer, cut: Cut, proceed: (payload: Buffer) => number | undefined): number | undefined {
  let theirs: Lists
  try {
    theirs = readKexInit(payload)
  } catch (cause) {
    if (!(cause instanceof WireFault)) throw cause
    cut(engine, 'a malformed KEXINIT')
    return Infinity
  }
  const { lists } = engine._offer
  const isStrict = engine._strictMode ?? theirs.kex.includes(engine._server ? 'kex-strict-c-v00@openssh.com' : 'kex-strict-s-v00@openssh.com')
  const ciphers = [elected(engine, lists.cs.cipher.array, theirs.cs), elected(engine, lists.sc.cipher.array, theirs.sc)]
  if (!isStrict && ciphers.includes(chacha) && !lenient.has(engine)) {
    cut(engine, noStrictness)
    return Infinity
  }
  const isGuessRight = theirs.kex[0] === lists.kex.array[0] && theirs.hostKey[0] === lists.serverHostKey.array[0]
  const isMlKem = elected(engine, lists.kex.array, theirs.kex) === mlkem
  const result = isMlKem ? electMlKem(engine, payload, theirs, proceed) : proceed(payload)
  // The library compares with what was elected; RFC 4253 section 7 wants both sides' first names, also of host keys, to be the same.
  if (theirs.firstFollows && engine._destruct !== undefined) engine._skipNextInboundPacket = !isGuessRight
  return result
}

/** The library knows no ML-KEM and refuses names that it does not know: it is shown lists that elect a method of the same shape, and the exchange it makes of that is changed as it is kept. */
function electMlKem(engine: KexEngine, payload: Buffer, theirs: Lists, proceed: (payload: Buffer) => number | undefined): number | undefined {
  const { kex } = engine._offer.lists
  const own = kex.array
  const shown = Buffer.concat([payload.subarray(0, 17), wireString([standIn, ...theirs.kex.filter(isMarker)].join(',')), theirs.rest])
  awaited = { engine, payload }
  kex.array = [standIn]
  try {
    return proceed(shown)
  } finally {
    kex.array = own
    awaited = undefined
  }
}

type MlKemState = { begun?: MlKemBegun; reply?: Buffer }
const states = new WeakMap<Exchange, MlKemState>()
function stateOf(exchange: Exchange): MlKemState {
  const state = states.get(exchange) ?? {}
  states.set(exchange, state)
  return state
}
/** In the place of the library's methods for X25519. `computeSecret` answers an error instead of throwing it: the connection is cut with KEY_EXCHANGE_FAILED. */
const methods = {
  generateKeys(this: Exchange): void {
    if (!this._protocol._server) stateOf(this).begun ??= beginMlKem()
  },
  /** Ours. A server has it once the secret is computed, which is the library's order. */
  getPublicKey(this: Exchange): Buffer | undefined {
    const state = stateOf(this)
    return this._protocol._server ? state.reply : (state.begun ??= beginMlKem()).message
  },
  convertPublicKey: (key: Buffer): Buffer => key,
  computeSecret(this: Exchange, other: Buffer): Buffer | Error {
    const state = stateOf(this)
    try {
      if (!this._protocol._server) return (state.begun ??= beginMlKem()).open(other)
      const { message, secret } = answerMlKem(other)
      state.reply = message
      return secret
    } catch (cause) {
      return cause instanceof Error ? cause : new Error('no secret')
    }
  },
}
const prototypes = new WeakMap<object, object>()
function turnIntoMlKem(exchange: Exchange, payload: Buffer): void {
  const stock = Object.getPrototypeOf(exchange) as object
  let changed = prototypes.get(stock)
  if (!changed) {
    for (const name of Object.keys(methods))
      if (!Object.hasOwn(stock, name)) throw new Error(`ssh2 is not the release that Sallyport was made for: its X25519 exchange has no ${name}`)
    changed = Object.assign(Object.create(stock) as object, methods)
    prototypes.set(stock, changed)
  }
  Object.setPrototypeOf(exchange, changed)
  exchange.negotiated.kex = mlkem
  exchange._remoteKexinit = payload
}

/** Before `handlers.js` and `Protocol.js` load: both take the functions out of the module as they do. */
export function seamKexModule(kex: KexModule, cut: Cut): void {
  const { onKEXPayload, HANDLERS } = kex
  const rekey = HANDLERS[kexInit]
  if (typeof onKEXPayload !== 'function' || typeof rekey !== 'function')
    throw new Error('ssh2 is not the release that Sallyport was made for: kex.js has no handlers')
  kex.onKEXPayload = function (state, payload) {
    if (payload[0] !== kexInit || !state.firstPacket || this._skipNextInboundPacket) return onKEXPayload.call(this, state, payload)
    return withKexInit(this, payload, cut, (shown) => onKEXPayload.call(this, state, shown))
  }
  HANDLERS[kexInit] = (engine, payload) => withKexInit(engine, payload, cut, (shown) => rekey(engine, shown))
}

const held = new WeakMap<object, Exchange | undefined>()
/** After `Protocol.js` has loaded: an exchange passes here as the engine keeps it, before it sends or reads anything. */
export function seamProtocol(prototype: object): void {
  Object.defineProperty(prototype, '_kex', {
    get(this: object) {
      return held.get(this)
    },
    set(this: object, exchange: Exchange | undefined) {
      if (exchange !== undefined && awaited?.engine === this) turnIntoMlKem(exchange, awaited.payload)
      held.set(this, exchange)
    },
  })
}

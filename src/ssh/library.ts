// The only module that loads ssh2. It loads the protocol engine alone (no Client, no Server, no Channel): connections are ours, so that every message of a stranger passes rules of ours.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { dirname, join } from 'node:path'
import { passConnectionWhole } from './connection-messages.ts'
import { type KexModule, seamKexModule, seamProtocol } from './key-exchange.ts'
import { findNativeCrypto } from './native-crypto.ts'
import { wrapForRole } from './role-rules.ts'
import { userSignatureAlgorithms } from './algorithms.ts'
import { wireString, wireUint32 } from './wire-reader.ts'

const expectedVersion = '1.17.0'
/** SHA-256 over the files below, in this order. A new release of ssh2 is a deliberate port: read what changed, run the tests, then write its hash here. */
const expectedHash = 'b734eb03e9fd2ac8187268d9cf6b3c1b3f786610b943987d1a3d5f015fd8cf3a'
const files = [
  'constants.js',
  'crypto.js',
  'crypto/poly1305.js',
  'handlers.js',
  'handlers.misc.js',
  'kex.js',
  'keyParser.js',
  'Protocol.js',
  'utils.js',
  'zlib.js',
]

const load = createRequire(import.meta.url)
const packageFile = load.resolve('ssh2/package.json')
const protocolFolder = join(dirname(packageFile), 'lib', 'protocol')

/** Refuses to run on an ssh2 other than the one whose internals were read. */
export function assertKnownLibrary(folder = protocolFolder, version = (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version): void {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(folder, file)))
  const found = hash.digest('hex')
  if (version !== expectedVersion || found !== expectedHash)
    throw new Error(
      `ssh2 is not the release that Sallyport was made for: version ${version} (wanted ${expectedVersion}), files ${found.slice(0, 12)} (wanted ${expectedHash.slice(0, 12)})`,
    )
}

assertKnownLibrary()
const native = findNativeCrypto(expectedVersion)
let reason = native.path === undefined ? native.reason : 'the addon in native/ fits'

type Resolver = (request: string, parent: { filename?: string | null } | null | undefined, ...rest: unknown[]) => string
const modules = Module as unknown as { _resolveFilename: Resolver }

/** While ssh2's crypto loads, its request for an addon gets ours or nothing, whatever lies in node_modules. */
function withOurAddon<Result>(act: () => Result): Result {
  const original = modules._resolveFilename
  modules._resolveFilename = (request, parent, ...rest) => {
    if (!request.endsWith('sshcrypto.node')) return original.call(Module, request, parent, ...rest)
    if (native.path === undefined) throw Object.assign(new Error('no addon is to be loaded'), { code: 'MODULE_NOT_FOUND' })
    return native.path
  }
  try {
    return act()
  } finally {
    modules._resolveFilename = original
  }
}

const crypto = withOurAddon(() => load('ssh2/lib/protocol/crypto.js')) as { bindingAvailable: boolean; init: Promise<unknown> }
if (!crypto.bindingAvailable && native.path !== undefined) reason = 'the addon in native/ does not load'

/** Which crypto SSH runs on, for the log line at start-up. */
export const cryptoInUse: 'native' | 'javascript' = crypto.bindingAvailable ? 'native' : 'javascript'
export const cryptoReason = reason
/** Resolves when the crypto can be used (the JavaScript one compiles WebAssembly). */
export const cryptoReady: Promise<unknown> = crypto.init

export type ServerPrompt = { prompt: string; echo: boolean }
export type ExitSignal = { signal: string; coreDumped: boolean; errorMessage: string }
/** What a message became; the engine has already refused malformed ones. */
export type ClientMessages = {
  DISCONNECT: (engine: Engine, code: number, text: string) => void
  SERVICE_ACCEPT: (engine: Engine, name: string) => void
  EXT_INFO: (engine: Engine, extensions: { name: string; algs: string[] }[]) => void
  USERAUTH_BANNER: (engine: Engine, text: string) => void
  USERAUTH_SUCCESS: (engine: Engine) => void
  USERAUTH_FAILURE: (engine: Engine, methods: string[], isPartial: boolean) => void
  USERAUTH_PASSWD_CHANGEREQ: (engine: Engine, prompt: string) => void
  USERAUTH_INFO_REQUEST: (engine: Engine, name: string, instructions: string, prompts: ServerPrompt[]) => void
  REQUEST_SUCCESS: (engine: Engine, value: Buffer | null) => void
  REQUEST_FAILURE: (engine: Engine) => void
  GLOBAL_REQUEST: (engine: Engine, name: string, wantsReply: boolean) => void
  CHANNEL_OPEN: (engine: Engine, info: { sender: number }) => void
  CHANNEL_OPEN_CONFIRMATION: (engine: Engine, info: { recipient: number; sender: number; window: number; packetSize: number }) => void
  CHANNEL_OPEN_FAILURE: (engine: Engine, recipient: number, reason: number, text: string) => void
  CHANNEL_DATA: (engine: Engine, recipient: number, data: Buffer) => void
  CHANNEL_EXTENDED_DATA: (engine: Engine, recipient: number, data: Buffer, type: number) => void
  CHANNEL_WINDOW_ADJUST: (engine: Engine, recipient: number, amount: number) => void
  CHANNEL_SUCCESS: (engine: Engine, recipient: number) => void
  CHANNEL_FAILURE: (engine: Engine, recipient: number) => void
  CHANNEL_REQUEST: (engine: Engine, recipient: number, type: string, wantsReply: boolean, data: unknown) => void
  CHANNEL_EOF: (engine: Engine, recipient: number) => void
  CHANNEL_CLOSE: (engine: Engine, recipient: number) => void
} & ConnectionMessages
/** GLOBAL_REQUEST and everything of channels, whole, where it is registered: the library's parser loses bytes of commands and terminal modes. The payload's data is lent. */
export type ConnectionMessages = { CONNECTION: (engine: Engine, payload: Buffer) => void }

/** What a server is told; USERAUTH messages are read by our own parser. */
export type ServerMessages = Pick<ClientMessages, 'DISCONNECT' | 'EXT_INFO' | 'REQUEST_SUCCESS' | 'REQUEST_FAILURE' | 'CONNECTION'> & {
  SERVICE_REQUEST: (engine: Engine, name: string) => void
}

export type AlgorithmOffer = { kex: string[]; serverHostKey: string[]; cs: DirectionOffer; sc: DirectionOffer }
type DirectionOffer = { cipher: string[]; mac: string[]; compress: string[]; lang: string[] }
type RoleOptions = {
  /** What stands after `SSH-2.0-`. */
  ident: string
  offer: AlgorithmOffer
  onWrite: (data: Buffer) => void
  onError: (cause: Error) => void
  onHandshakeComplete: () => void
}
export type EngineOptions = RoleOptions & {
  /** Called in every key exchange. Mandatory here: without one the engine would accept any key. */
  hostVerifier: (blob: Buffer, permit: (permitted: boolean) => void) => void
  messageHandlers: Partial<ClientMessages>
}
/** `sign` returns the inner bytes of the signature; `hash` is `sha256` or `sha512` for RSA (RFC 8332), otherwise undefined. */
export type EngineHostKey = { type: string; getPublicSSH(): Buffer; sign(data: Buffer, hash: string | undefined): Buffer }
export type ServerEngineOptions = RoleOptions & {
  /** By the name of the signature algorithm. */
  hostKeys: Record<string, EngineHostKey>
  messageHandlers: Partial<ServerMessages>
}
/** What was agreed in the last key exchange. */
export type Negotiated = { kex: string; serverHostKey: string; cs: { cipher: string; mac: string }; sc: { cipher: string; mac: string } }

type PacketWriter = {
  readonly allocStart: number
  readonly allocStartKEX: number
  alloc(length: number, isKex?: boolean): Buffer
  finalize(packet: Buffer, isKex?: boolean): Buffer
}
/** The part of ssh2's `Protocol` that we use. Fields with an underscore are internals, held by the hash above. */
export interface Engine {
  readonly _server: boolean
  _authenticated: boolean
  /** Defined while a key exchange runs. */
  readonly _kexinit: Buffer | undefined
  /** Undefined once the engine is unusable. */
  readonly _destruct: (() => void) | undefined
  readonly _authsQueue: string[]
  readonly _handlers: Partial<ConnectionMessages>
  /** What waits for the end of a key exchange. */
  readonly _queue: readonly Buffer[] | undefined
  readonly _cipher: { encrypt(packet: Buffer): void }
  readonly _packetRW: { write: PacketWriter }
  /** `_packet`: one that has not come whole. */
  readonly _decipher: { _packet: Uint8Array | null; inSeqno: number } | undefined
  readonly _kex: { sessionID: Buffer; negotiated: Negotiated; remoteExtInfoEnabled: boolean } | undefined
  readonly _onError: (cause: Error) => void
  _onHandshakeComplete: (negotiated: Negotiated) => void
  start(): void
  parse(chunk: Buffer, from: number, length: number): void
  cleanup(): void
  disconnect(reason: number): void
  rekey(): void
  ping(): void
  service(name: string): void
  serviceAccept(name: string): void
  requestSuccess(value: Buffer | undefined): void
  requestFailure(): void
  authNone(username: string): void
  authPassword(username: string, password: string | Buffer): void
  authPK(username: string, publicLine: string, algorithm: string, sign: (blob: Buffer, done: (signature: Buffer) => void) => void): void
  authKeyboard(username: string): void
  authInfoRes(answers: string[]): void
  session(channel: number, window: number, packet: number): void
  directTcpip(channel: number, window: number, packet: number, way: { srcIP: string; srcPort: number; dstIP: string; dstPort: number }): void
  pty(channel: number, rows: number, cols: number, height: number, width: number, term: string, modes: null, wantsReply: boolean): void
  shell(channel: number, wantsReply: boolean): void
  windowChange(channel: number, rows: number, cols: number, height: number, width: number): void
  channelData(channel: number, data: Buffer): void
  channelExtData(channel: number, data: Buffer, type: number): void
  channelWindowAdjust(channel: number, amount: number): void
  channelOpenConfirm(remote: number, local: number, window: number, packet: number): void
  channelOpenFail(channel: number, reason: number, text: string): void
  channelSuccess(channel: number): void
  channelFailure(channel: number): void
  channelEOF(channel: number): void
  channelClose(channel: number): void
}

/** A packet whose last bytes have not come is kept as a view of the chunk where it begins: copied, when that chunk was lent. To be called after `parse`. */
export function ownPartialPacket(engine: Engine, isLent: (bytes: Uint8Array) => boolean): void {
  const decipher = engine._decipher
  if (decipher?._packet && isLent(decipher._packet)) decipher._packet = Buffer.from(decipher._packet)
}

const { sendPacket } = load('ssh2/lib/protocol/utils.js') as { sendPacket: (engine: Engine, packet: Buffer, passesQueue?: boolean) => boolean }
/** Sends a message for which the library has no method, or one of its own opinion. */
export function sendMessage(engine: Engine, payload: Buffer): void {
  const { write } = engine._packetRW
  const at = write.allocStart
  const packet = write.alloc(payload.length)
  packet.set(payload, at)
  sendPacket(engine, write.finalize(packet))
}

/** RFC 4253 section 11.1, with words for the person over there. Passes what waits for the end of a key exchange. */
export function sendDisconnect(engine: Engine, reason: number, text: string): void {
  const { write } = engine._packetRW
  const payload = Buffer.concat([Buffer.of(1), wireUint32(reason), wireString(text), wireString('')])
  const packet = write.alloc(payload.length, true)
  packet.set(payload, write.allocStartKEX)
  sendPacket(engine, write.finalize(packet, true), true)
}

/** Sends DISCONNECT (protocol error) and makes the engine unusable; `onError` is called. Safe to call twice. */
export function cutEngine(engine: Engine, why: string): void {
  if (engine._destruct === undefined) return
  sendDisconnect(engine, 2, why)
  engine._destruct()
  engine._onError(new Error(why))
}

// Loaded after crypto.js, and in this order: its modules take each other apart as they load.
seamKexModule(load('ssh2/lib/protocol/kex.js') as KexModule, cutEngine)
const handlers = load('ssh2/lib/protocol/handlers.js') as (((engine: Engine, payload: Buffer) => number | undefined) | undefined)[]
passConnectionWhole(handlers)
wrapForRole(handlers, cutEngine)
const Protocol = load('ssh2/lib/protocol/Protocol.js') as new (
  options: (EngineOptions & { server: false }) | (ServerEngineOptions & { server: true }),
) => Engine
seamProtocol(Protocol.prototype as object)

export const makeClientEngine = (options: EngineOptions): Engine => new Protocol({ ...options, server: false })

// What people's keys may sign with, RFC 8308 section 3.1; the library's own list lacks a comma and names SHA-1.
const signatureAlgorithms = [...userSignatureAlgorithms].join(',')
const extensions = Buffer.concat([Buffer.of(7), wireUint32(1), wireString('server-sig-algs'), wireString(signatureAlgorithms)])

/** An engine for a client's connection. To be put under rules before it reads. */
export function makeServerEngine(options: ServerEngineOptions): Engine {
  const engine = new Protocol({ ...options, server: true })
  const complete = engine._onHandshakeComplete
  engine._onHandshakeComplete = (negotiated) => {
    // RFC 8308 section 2.4: the first message after the first NEWKEYS. The library sends its own where this still stands.
    if (engine._kex?.remoteExtInfoEnabled) {
      engine._kex.remoteExtInfoEnabled = false
      if (!announced.has(engine)) sendMessage(engine, extensions)
    }
    announced.add(engine)
    complete(negotiated)
  }
  return engine
}
const announced = new WeakSet<Engine>()

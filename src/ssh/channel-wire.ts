// RFC 4254: what opens a channel, and the values of requests, read from strangers and written for them. Commands and variables are bytes, not text. What is malformed throws `WireFault`.
import { WireFault, WireReader, wireString, wireUint32 } from './wire-reader.ts'

// A host name has at most 253 characters; paths and the like are no longer than a page of memory.
const maxHostBytes = 255
const maxTermBytes = 64
const maxNameBytes = 256
const maxModesBytes = 4096
// Linux takes no longer argument (MAX_ARG_STRLEN); the packet is bounded by the library.
const maxCommandBytes = 128 * 1024
const maxPort = 65_535
const maxCells = 65_535

/** Where a connection is to go or came from. Names are not resolved. */
export type Way = { host: string; port: number; originHost: string; originPort: number }
export type OpenKind =
  | { type: 'session' }
  | ({ type: 'direct-tcpip' } & Way)
  /** `host` and `port`: where it came in, as the far side had asked for it. */
  | ({ type: 'forwarded-tcpip' } & Way)
  | { type: 'auth-agent@openssh.com' }
/** `other`: a kind that is not ours; its value was not read. */
export type Opening = OpenKind | { type: 'other'; name: string }

export function openValue(kind: OpenKind): Buffer {
  if (kind.type !== 'direct-tcpip' && kind.type !== 'forwarded-tcpip') return Buffer.alloc(0)
  return Buffer.concat([wireString(kind.host), wireUint32(kind.port), wireString(kind.originHost), wireUint32(kind.originPort)])
}

export function readOpening(type: string, value: Buffer): Opening {
  if (type === 'session' || type === 'auth-agent@openssh.com') return { type }
  if (type !== 'direct-tcpip' && type !== 'forwarded-tcpip') return { type: 'other', name: type }
  const reader = new WireReader(value)
  return { type, host: host(reader), port: port(reader), originHost: host(reader), originPort: port(reader) }
}

/** `tcpip-forward` and `cancel-tcpip-forward`. */
export function readForward(value: Buffer): { host: string; port: number } {
  const reader = new WireReader(value)
  return { host: host(reader), port: port(reader) }
}
export const forwardValue = (bind: { host: string; port: number }): Buffer => Buffer.concat([wireString(bind.host), wireUint32(bind.port)])

/** `modes`: RFC 4254 section 8, to be passed on byte for byte. */
export type PtyRequest = { term: string; cols: number; rows: number; widthPixels: number; heightPixels: number; modes: Buffer }
export function readPty(value: Buffer): PtyRequest {
  const reader = new WireReader(value)
  const term = bounded(reader, maxTermBytes).toString('latin1')
  const request = { term, cols: cells(reader), rows: cells(reader), widthPixels: cells(reader), heightPixels: cells(reader) }
  return { ...request, modes: bounded(reader, maxModesBytes) }
}
export const ptyValue = (pty: PtyRequest): Buffer => Buffer.concat([wireString(pty.term), windowValue(pty), wireString(pty.modes)])

export type WindowChange = Pick<PtyRequest, 'cols' | 'rows' | 'widthPixels' | 'heightPixels'>
/** `window-change`. What is larger than 65,535 is 65,535. */
export function readWindow(value: Buffer): WindowChange {
  const reader = new WireReader(value)
  return { cols: cells(reader), rows: cells(reader), widthPixels: cells(reader), heightPixels: cells(reader) }
}
export const windowValue = (window: WindowChange): Buffer =>
  Buffer.concat([window.cols, window.rows, window.widthPixels, window.heightPixels].map((each) => wireUint32(each)))

export function readEnv(value: Buffer): { name: string; value: Buffer } {
  const reader = new WireReader(value)
  return { name: bounded(reader, maxNameBytes).toString('latin1'), value: reader.string() }
}
export const envValue = (name: string, value: Uint8Array | string): Buffer => Buffer.concat([wireString(name), wireString(value)])

/** `exec`. */
export const readCommand = (value: Buffer): Buffer => bounded(new WireReader(value), maxCommandBytes)
/** `subsystem` and `signal`. */
export const readText = (value: Buffer): string => bounded(new WireReader(value), maxNameBytes).toString('latin1')

export const readExitStatus = (value: Buffer): number => new WireReader(value).uint32()
export type ExitSignal = { signal: string; isCoreDumped: boolean; text: string }
/** Any name: systems have signals that RFC 4254 section 6.10 does not list. */
export function readExitSignal(value: Buffer): ExitSignal {
  const reader = new WireReader(value)
  return { signal: bounded(reader, maxNameBytes).toString('latin1'), isCoreDumped: reader.byte() !== 0, text: bounded(reader, maxModesBytes).toString('utf8') }
}
export const exitSignalValue = (exit: ExitSignal): Buffer =>
  Buffer.concat([wireString(exit.signal), Buffer.of(exit.isCoreDumped ? 1 : 0), wireString(exit.text), wireString('')])

function bounded(reader: WireReader, maxBytes: number): Buffer {
  const bytes = reader.string()
  if (bytes.length > maxBytes) throw new WireFault(`${bytes.length} bytes where at most ${maxBytes} belong`)
  return bytes
}
const host = (reader: WireReader): string => bounded(reader, maxHostBytes).toString('utf8')
function port(reader: WireReader): number {
  const value = reader.uint32()
  if (value > maxPort) throw new WireFault(`a port ${value}`)
  return value
}
const cells = (reader: WireReader): number => Math.min(reader.uint32(), maxCells)

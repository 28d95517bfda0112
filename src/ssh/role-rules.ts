// Which messages a host may send us, and when; everything else cuts the connection, where the library would answer or stay silent. And the seam where an engine of either role is held to its rules.
import type { Engine } from './library.ts'

type Handler = (engine: Engine, payload: Buffer) => number | undefined
/** What the rules count for one connection. */
export type RuleState = {
  isHandshaken: boolean
  hasAskedForAuth: boolean
  services: number
  extInfos: number
  rekeys: { sinceMs: number; count: number }
  isSwamped: () => boolean
}

/** What an engine's messages are held to. */
export interface Rules {
  /** Undefined when the message may come now, otherwise why not: the connection is cut. Called once for each message. */
  refusalOf(type: number): string | undefined
  /** Whether it makes us hold more answers than it reads. */
  isSwamped(): boolean
  /** True: the message was dealt with here, and the library does not see it. The payload is lent. */
  takes?(type: number, payload: Buffer): boolean
}

const governed = new WeakMap<Engine, Rules>()
/** Puts an engine under rules. An engine that is not under any handles nothing. */
export function govern(engine: Engine, rules: Rules): void {
  governed.set(engine, rules)
}
/** Puts a client engine under the rules for what a host may send. */
export function governClient(engine: Engine, state: RuleState): void {
  govern(engine, { refusalOf: (type) => refusalOf(type, state, isPastAuth(engine, type)), isSwamped: state.isSwamped })
}

const Message = {
  disconnect: 1,
  debug: 4,
  serviceAccept: 6,
  extInfo: 7,
  kexInit: 20,
  newKeys: 21,
  kexFirst: 30,
  kexLast: 49,
  authFailure: 51,
  authBanner: 53,
  authReply: 60,
  channelWindow: 93,
  channelData: 94,
  channelExtendedData: 95,
  connectionFirst: 80,
  connectionLast: 100,
}
// A host with `RekeyLimit 64k` stays below it while data flows: data in either direction sets the count back.
const maxRekeysWithoutData = 30
const rekeyWindowMs = 60_000

/** Undefined when the message may come now, otherwise why not. RFC 4250 section 4.1.2 numbers them. */
export function refusalOf(type: number, state: RuleState, isAuthenticated: boolean): string | undefined {
  if (type >= Message.disconnect && type <= Message.debug) return undefined
  if (type >= Message.kexInit && type <= Message.kexLast) {
    if (type === Message.kexInit && state.isHandshaken && isStorm(state.rekeys)) return 'keys are exchanged over and over without data between'
    return type > Message.newKeys && type < Message.kexFirst ? 'an unknown key exchange message' : undefined
  }
  if (!state.isHandshaken) return type === Message.extInfo ? undefined : 'it came before the key exchange was over'
  if (type === Message.serviceAccept) return ++state.services > 1 ? 'a service was accepted twice' : undefined
  if (type === Message.extInfo) return ++state.extInfos > 2 ? 'extensions were announced more than twice' : undefined
  if ((type >= Message.authFailure && type <= Message.authBanner) || type === Message.authReply) {
    if (isAuthenticated) return 'it belongs to signing in, which is over'
    return type === Message.authBanner || state.hasAskedForAuth ? undefined : 'nothing had been asked'
  }
  if (type >= Message.connectionFirst && type <= Message.connectionLast) {
    if (!isAuthenticated) return 'it came before signing in'
    if (type >= Message.channelWindow && type <= Message.channelExtendedData) state.rekeys.count = 0
    return undefined
  }
  // The engine ignores numbers that it does not know: OpenSSH's extensions are not offered. The rest only a client sends.
  return type > Message.connectionLast ? undefined : 'a host never sends it'
}

export function isStorm(rekeys: RuleState['rekeys']): boolean {
  const now = performance.now()
  if (now - rekeys.sinceMs > rekeyWindowMs) Object.assign(rekeys, { sinceMs: now, count: 0 })
  return ++rekeys.count > maxRekeysWithoutData
}

/** Wraps every slot of the engine's table. A handler that made the engine unusable answers Infinity, or the rest of the chunk would still be parsed. */
export function wrapForRole(handlers: (Handler | undefined)[], cut: (engine: Engine, why: string) => void): void {
  for (let type = 0; type < 256; type++) {
    const original = handlers[type]
    handlers[type] = (engine, payload) => {
      const rules = governed.get(engine)
      if (!rules) {
        cut(engine, 'the connection is under no rules')
        return Infinity
      }
      const refusal = rules.refusalOf(type)
      if (refusal !== undefined) cut(engine, `message ${type} is not allowed: ${refusal}`)
      else if (rules.isSwamped()) cut(engine, 'requests come and our answers are not read')
      else if (rules.takes?.(type, payload)) return engine._destruct === undefined ? Infinity : undefined
      else if (original) {
        // A key exchange that the host begins is kept until it is hashed, and what else is kept is small; of output the channel makes its own copy before the chunk is gone.
        const isOutput = type === Message.channelData || type === Message.channelExtendedData
        const result = original(engine, isOutput ? payload : Buffer.from(payload))
        if (result !== undefined && engine._destruct !== undefined) return result
      }
      return engine._destruct === undefined ? Infinity : undefined
    }
  }
}

/** The engine notes USERAUTH_SUCCESS before its handler runs, so that very message is still one of signing in. */
const accepted = new WeakSet<Engine>()
function isPastAuth(engine: Engine, type: number): boolean {
  if (accepted.has(engine)) return true
  if (type === 52 && engine._authenticated) {
    accepted.add(engine)
    return false
  }
  return engine._authenticated
}

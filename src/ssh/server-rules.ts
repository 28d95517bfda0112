// Which messages a client may send the door, and when. Everything else cuts the connection, where the library would answer or stay silent.
import { isStorm } from './role-rules.ts'

/** What the rules count for one connection. */
export type ServerRuleState = {
  isHandshaken: boolean
  isSignedIn: boolean
  /** SERVICE_REQUESTs seen. */
  services: number
  extInfos: number
  /** IGNORE, UNIMPLEMENTED and DEBUG before signing in. */
  noise: number
  rekeys: { sinceMs: number; count: number }
}
export const newServerRuleState = (): ServerRuleState => ({
  isHandshaken: false,
  isSignedIn: false,
  services: 0,
  extInfos: 0,
  noise: 0,
  rekeys: { sinceMs: performance.now(), count: 0 },
})

// No client sends more than a few before it is in; with strict key exchange (Terrapin) the engine refuses every one before the keys.
const maxNoise = { beforeKeys: 8, beforeSignIn: 64 }
// OpenSSH with `RekeyLimit 64k` needs none before it is in.
const maxRekeysBeforeSignIn = 3

/** Undefined when the message may come now, otherwise why not. RFC 4250 section 4.1.2 numbers them. Counts, so it is called once for each message. */
export function serverRefusalOf(type: number, state: ServerRuleState): string | undefined {
  if (type === 1) return undefined
  if (type >= 2 && type <= 4) {
    if (state.isSignedIn) return undefined
    return ++state.noise > (state.isHandshaken ? maxNoise.beforeSignIn : maxNoise.beforeKeys) ? 'nothing is said over and over' : undefined
  }
  if (type === 6 || (type >= 51 && type <= 53) || type === 60) return 'only a server sends it'
  if (!state.isHandshaken) return 'it came before the key exchange was over'
  if (type === 5) {
    if (state.isSignedIn) return 'signing in is over'
    return ++state.services > 1 ? 'a service was asked for twice' : undefined
  }
  if (type === 7) return ++state.extInfos > 2 ? 'extensions were announced more than twice' : undefined
  if (type === 20) {
    if (!state.isSignedIn && state.rekeys.count >= maxRekeysBeforeSignIn) return 'keys are exchanged over and over before signing in'
    return isStorm(state.rekeys) ? 'keys are exchanged over and over without data between' : undefined
  }
  if (type === 21 || (type >= 30 && type <= 49)) return 'no key exchange runs'
  if (type === 50 || type === 61) return state.services === 0 ? 'no service was asked for' : undefined
  if (type >= 80 && type <= 127) {
    if (!state.isSignedIn) return 'it came before signing in'
    if (type >= 93 && type <= 95) state.rekeys.count = 0
  }
  return undefined
}

const known: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 7, 20, 50, 61, 80, 81, 82, ...Array.from({ length: 11 }, (_, at) => 90 + at)])
/** What is answered with UNIMPLEMENTED (RFC 4253 section 11.4): numbers that mean nothing here. */
export const isUnknownToServer = (type: number): boolean => !known.has(type)

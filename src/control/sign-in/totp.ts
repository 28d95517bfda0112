// Time-based one-time passwords (RFC 6238) as every authenticator makes them: SHA-1, six digits, thirty seconds.
import { createGuardrails, generateURI, verifySync } from 'otplib'
import { base32 } from '#domain/id.ts'
import type { Random } from './opaque-token.ts'

const stepSeconds = 30
/** 160 bits, as RFC 4226 section 4 wants: an authenticator that takes less is not known. */
const secretBytes = 20
const guardrails = createGuardrails({ MIN_SECRET_BYTES: secretBytes })

/** The secret in base32 (RFC 4648), upper case without padding: what people type into an authenticator that cannot scan. */
export const makeSecret = (random: Random): string => base32(random(secretBytes)).toUpperCase()

/** The `otpauth://totp/` address that authenticators scan. Two products on two machines are two entries there. */
export const uriOf = (secret: string, who: { username: string; machine: string }): string =>
  generateURI({ issuer: 'Sallyport', label: `${who.username}@${who.machine}`, secret, algorithm: 'sha1', digits: 6, period: stepSeconds })

/**
 * The time step that the code is of: the present one, the one before or the one after, since clocks go apart; undefined when it is of none. Digits of other scripts are no digits, and
 * eight are not six. `nowMs`: ms since the epoch.
 */
export function stepOf(secret: string, code: string, nowMs: number): number | undefined {
  if (!/^[0-9]{6}$/.test(code)) return undefined
  const epoch = Math.floor(nowMs / 1000)
  const answer = verifySync({ secret, token: code, epoch, epochTolerance: stepSeconds, period: stepSeconds, digits: 6, algorithm: 'sha1', guardrails })
  return answer.valid && 'timeStep' in answer ? answer.timeStep : undefined
}

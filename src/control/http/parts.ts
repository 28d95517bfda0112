// What the API is built from: the rooms of control that its routes call.
import type { CheckParts } from '../assets/check-host.ts'
import type { Claim } from '../sign-in/claim.ts'
import type { LiveSettings } from '../settings/live-settings.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { GatewaysDesk, RecordingsDesk, SessionsDesk } from './desks.ts'

export type ApiParts = CheckParts & {
  readonly signIns: Pick<SignIns, 'identify' | 'signIn' | 'signOut' | 'changePassword' | 'endOwn' | 'endOthers'>
  readonly passwords: Pick<Passwords, 'hash'>
  readonly claim: Pick<Claim, 'state' | 'make'>
  readonly settings: Pick<LiveSettings, 'current' | 'view' | 'change'>
  /** The name of this machine, shown to whoever claims. */
  readonly machine: string
  readonly sessions: SessionsDesk
  readonly gateways: GatewaysDesk
  readonly recordings: RecordingsDesk
  /** Tells gateways of sessions and watches that end with a change, after its commit; the beats say the same. */
  pushEnds(ends: readonly PendingEnd[]): void
  log(level: 'info' | 'warn' | 'error', event: string, facts: Record<string, unknown>): void
}

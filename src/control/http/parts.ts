// What the API is built from: the rooms of control that its routes call.
import type { LedgerDesk } from '../audit/ledger-desk.ts'
import type { CheckParts } from '../assets/check-host.ts'
import type { Claim } from '../sign-in/claim.ts'
import type { LiveSettings } from '../settings/live-settings.ts'
import type { Entrance } from '../sign-in/entrance.ts'
import type { Approvals } from '../sign-in/approvals.ts'
import type { DoorKeys } from '../sign-in/door-keys.ts'
import type { OperatorKeys } from '../sign-in/operator-keys.ts'
import type { OwnSecondFactor } from '../sign-in/own-second-factor.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import type { Tokens } from '../sign-in/tokens.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { GatewaysDesk, RecordingsDesk, SessionsDesk } from './desks.ts'

export type ApiParts = CheckParts & {
  readonly signIns: Pick<SignIns, 'identify' | 'signOut' | 'changePassword' | 'endOwn' | 'endOthers'>
  readonly entrance: Pick<Entrance, 'enter'>
  readonly secondFactor: Pick<OwnSecondFactor, 'view' | 'begin' | 'confirm' | 'remove' | 'renewCodes'>
  readonly tokens: Pick<Tokens, 'identify' | 'list' | 'create' | 'remove'>
  readonly operatorKeys: Pick<OperatorKeys, 'list' | 'add' | 'remove'>
  readonly approvals: Pick<Approvals, 'get' | 'approve' | 'decline'>
  /** `place`: where ssh clients go, as far as is known; undefined while the door is shut. */
  readonly door: { readonly keys: Pick<DoorKeys, 'list'>; place(): { host: string; port: number } | undefined }
  readonly passwords: Pick<Passwords, 'hash'>
  readonly claim: Pick<Claim, 'state' | 'make'>
  readonly settings: Pick<LiveSettings, 'current' | 'view' | 'change'>
  /** The name of this machine, shown to whoever claims. */
  readonly machine: string
  readonly sessions: SessionsDesk
  readonly gateways: GatewaysDesk
  readonly recordings: RecordingsDesk
  readonly ledger: LedgerDesk
  /** Tells gateways of sessions and watches that end with a change, after its commit; the beats say the same. */
  pushEnds(ends: readonly PendingEnd[]): void
  log(level: 'info' | 'warn' | 'error', event: string, facts: Record<string, unknown>): void
}

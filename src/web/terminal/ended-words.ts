// What a person is told about the end of a terminal, and what is offered next. Pure: takes what the protocol said, gives keys of the catalogues.
import { endReasons } from '#domain/end-reason.ts'
import type { EndReason } from '#domain/end-reason.ts'
import type { FailureCode } from '#domain/failure.ts'
import { isFailureCode } from '#client/failure-answer.ts'
import type { TabEnd } from './open-tabs.ts'

export type EndTitle =
  | 'terminals.ended.title'
  | 'terminals.ended.failedTitle'
  | 'live.end.takenOver'
  | 'live.end.alive'
  | 'live.end.lost'
  | 'live.end.watchOver'
export type EndSentence =
  | `endReason.${EndReason}`
  | `failure.${FailureCode}`
  | `live.end.next.${EndReason}`
  | 'live.end.takenOverText'
  | 'live.end.aliveText'
  | 'live.end.watchAlive'
  | 'live.end.lostText'
/** What the first button does; none where trying again would be refused again. */
export type EndAct = 'again' | 'takeBack' | 'host' | 'signIn' | 'account'

export type EndWords = {
  title: EndTitle
  /** Shown in red: it is not what anybody wanted. */
  failed: boolean
  reason: EndSentence
  /** More facts: the failure behind a reason. */
  detail?: `failure.${FailureCode}`
  /** What to do. */
  next?: EndSentence
  act?: EndAct
}

const reasons: ReadonlySet<string> = new Set(endReasons)
const isEndReason = (reason: string | undefined): reason is EndReason => reason !== undefined && reasons.has(reason)

/** Connecting again is no use, or not the person's to decide. */
const acts: Partial<Record<EndReason | FailureCode, EndAct | 'none'>> = {
  grant_expired: 'none',
  revoked: 'signIn',
  host_key_changed: 'host',
  host_key_unknown: 'host',
  credential_missing: 'host',
  auth_failed: 'host',
  unauthenticated: 'signIn',
  second_factor_needed: 'account',
  forbidden: 'none',
  asset_not_found: 'none',
  account_not_found: 'none',
  session_not_found: 'none',
  address_invalid: 'none',
  address_not_allowed: 'none',
}
const actOf = (code: EndReason | FailureCode): { act?: EndAct } => {
  const act = acts[code] ?? 'again'
  return act === 'none' ? {} : { act }
}

/** `wasOpen`: a terminal stood before. `watching`: of somebody else's session, which its own end does not concern. */
export function endWords(end: TabEnd, wasOpen: boolean, watching = false): EndWords {
  if (watching) return watchWords(end, wasOpen)
  if (end.takenOver) return { title: 'live.end.takenOver', failed: false, reason: 'live.end.takenOverText', act: 'takeBack' }
  if (end.alive) return { title: 'live.end.alive', failed: false, reason: 'live.end.aliveText', act: 'takeBack' }
  if (end.cut && wasOpen) return { title: 'live.end.lost', failed: true, reason: 'live.end.lostText', act: 'takeBack' }
  if (end.cut) return { title: 'terminals.ended.failedTitle', failed: true, reason: 'failure.gateway_unavailable', act: 'again' }
  const failure = end.failure !== undefined && isFailureCode(end.failure) ? end.failure : undefined
  // Before the terminal opened the failure says more than the reason; afterwards the reason comes first.
  if (failure && !wasOpen) return { title: 'terminals.ended.failedTitle', failed: true, reason: `failure.${failure}`, ...actOf(failure) }
  if (isEndReason(end.reason)) {
    const { reason } = end
    return {
      title: wasOpen ? 'terminals.ended.title' : 'terminals.ended.failedTitle',
      failed: failure !== undefined || !wasOpen,
      reason: `endReason.${reason}`,
      ...(failure ? { detail: `failure.${failure}` as const } : {}),
      next: `live.end.next.${reason}`,
      ...actOf(reason),
    }
  }
  const code = failure ?? 'internal'
  return { title: wasOpen ? 'terminals.ended.title' : 'terminals.ended.failedTitle', failed: true, reason: `failure.${code}`, ...actOf(code) }
}

function watchWords(end: TabEnd, wasOpen: boolean): EndWords {
  const title = wasOpen ? 'live.end.watchOver' : 'terminals.ended.failedTitle'
  const failure = end.failure !== undefined && isFailureCode(end.failure) ? end.failure : undefined
  if (end.alive !== undefined) return { title, failed: !wasOpen, reason: 'live.end.watchAlive', act: 'again' }
  if (end.cut) return { title, failed: true, reason: 'failure.gateway_unavailable', act: 'again' }
  if (failure)
    return {
      title,
      failed: true,
      reason: `failure.${failure}`,
      ...(failure === 'too_many_watchers' || failure === 'gateway_unavailable' ? { act: 'again' as const } : {}),
    }
  if (isEndReason(end.reason)) return { title, failed: false, reason: `endReason.${end.reason}` }
  return { title, failed: true, reason: 'failure.internal', act: 'again' }
}

const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/
const fingerprintsOf = (value: unknown): string[] => {
  const list = Array.isArray(value) ? value.slice(0, 20) : [value]
  return list.flatMap((item: unknown) => {
    const text = typeof item === 'object' && item !== null && 'fingerprint' in item ? item.fingerprint : item
    return typeof text === 'string' && fingerprint.test(text) ? [text] : []
  })
}

/** Both sides of a changed host key, from `detail` of the failure. Undefined when it does not carry them. */
export function changedKey(detail: Record<string, unknown> | undefined): { trusted: string[]; offered: string[] } | undefined {
  const offered = fingerprintsOf(detail?.['offered'])
  const trusted = fingerprintsOf(detail?.['trusted'])
  return offered.length > 0 ? { trusted, offered } : undefined
}

/** The host on the way where it went wrong, from `detail` of the failure, by its name. */
export function hopOf(detail: Record<string, unknown> | undefined): string | undefined {
  const hop = detail?.['hop']
  return typeof hop === 'string' && hop !== '' ? hop : undefined
}

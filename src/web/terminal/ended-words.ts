// What a person is told about the end of a terminal. Pure: takes what the protocol said, gives keys of the catalogues.
import { endReasons } from '#domain/end-reason.ts'
import type { EndReason } from '#domain/end-reason.ts'
import type { FailureCode } from '#domain/failure.ts'
import { isFailureCode } from '#client/failure-answer.ts'
import type { TabEnd } from './open-tabs.ts'

export type EndWords = {
  failed: boolean
  reason: `endReason.${EndReason}` | `failure.${FailureCode}` | 'terminals.ended.lost'
  /** A second sentence that says what to do. */
  advice?: `failure.${FailureCode}`
}

const reasons: ReadonlySet<string> = new Set(endReasons)
const isEndReason = (reason: string | undefined): reason is EndReason => reason !== undefined && reasons.has(reason)

export function endWords(end: TabEnd, wasOpen: boolean): EndWords {
  const failure = end.failure !== undefined && isFailureCode(end.failure) ? end.failure : undefined
  const failed = failure !== undefined || !wasOpen
  if (end.cut) return { failed: !wasOpen, reason: wasOpen ? 'terminals.ended.lost' : 'failure.gateway_unavailable' }
  // Before the terminal opened the failure says more than the reason; afterwards the reason comes first.
  if (failure && !wasOpen) return { failed, reason: `failure.${failure}` }
  if (isEndReason(end.reason)) return { failed, reason: `endReason.${end.reason}`, ...(failure ? { advice: `failure.${failure}` as const } : {}) }
  return { failed, reason: failure ? `failure.${failure}` : 'failure.internal' }
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

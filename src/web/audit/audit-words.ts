// What the rows of the ledger say, in words.
import { useTranslation } from 'react-i18next'
import { type AuditCode, auditCodes, auditOutcomes } from '#domain/audit-event.ts'
import type { Tone } from '../parts/state-dot.tsx'
import type { AuditOutcome } from './audit-search.ts'

const isCode = (code: string): code is AuditCode => (auditCodes as readonly string[]).includes(code)
export const isOutcome = (outcome: string): outcome is AuditOutcome => (auditOutcomes as readonly string[]).includes(outcome)

/** A code in words; one of a later version of Sallyport as it is written. */
export function useCodeWords(): (code: string) => string {
  const { t } = useTranslation()
  return (code) => (isCode(code) ? t(`audit.code.${code}`) : code)
}

export const outcomeTones: Record<AuditOutcome, Tone> = { done: 'live', failed: 'bad', refused: 'warn', intent: 'calm', unknown: 'warn' }

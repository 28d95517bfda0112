// The three lines of a check: reach, key, sign-in. Pure: from what the server answered to what is shown.
import type { FailureCode } from '#domain/failure.ts'
import type { HostKey, HostKeyVerdict } from '#domain/host-key.ts'
import { judgeHostKey } from '#domain/host-key.ts'
import type { CheckStep } from '#wire/link.ts'

export const stepNames = ['reach', 'key', 'sign-in'] as const
export type StepName = (typeof stepNames)[number]
export type Line = { state: 'waiting' | 'running' | 'ok' | 'failed' | 'later' | 'later-key' | 'decide'; failure?: FailureCode }
export type Lines = Record<StepName, Line>

export const noLines: Lines = { reach: { state: 'waiting' }, key: { state: 'waiting' }, 'sign-in': { state: 'waiting' } }

/** Steps that the server did not come to stay waiting. */
export function linesOf(steps: readonly CheckStep[]): Lines {
  const lines: Lines = { ...noLines }
  for (const { step, ok, failure } of steps) lines[step] = ok ? { state: 'ok' } : { state: 'failed', ...(failure ? { failure } : {}) }
  return lines
}

/** A host shows several keys: it is trusted when one of them is, changed when keys are trusted and none of these is among them. */
export function judgeScan(offered: readonly HostKey[], trusted: readonly HostKey[]): HostKeyVerdict {
  const verdicts = offered.map((key) => judgeHostKey(key, trusted))
  return verdicts.find((verdict) => verdict === 'trusted') ?? (trusted.length > 0 ? 'changed' : 'unknown')
}

import { useTranslation } from 'react-i18next'
import type { FileDirection } from '#domain/file-rule.ts'
import type { Failure } from '#domain/failure.ts'
import { asFailure } from '#client/failure-answer.ts'
import { byteSize } from '../parts/format.ts'
import type { Denial } from './file-rights.ts'

/** Why not, with the name of the grant that comes nearest. */
export function useDenialWords(): (denial: Denial, direction: FileDirection) => string {
  const { t } = useTranslation()
  return ({ why, rule = '', paths = [], maxBytes = 0 }, direction) => {
    if (why === 'action') return t(`files.denied.${direction}.action`)
    if (why === 'size') return t(`files.denied.${direction}.size`, { rule, most: byteSize(maxBytes) })
    return t(`files.denied.${direction}.path`, { rule, paths: paths.slice(0, 3).join(', ') + (paths.length > 3 ? ' …' : '') })
  }
}

/** Of a transfer: with the grant's name when the gateway or the page said it. */
export function useTransferFailureWords(): (error: unknown, direction: FileDirection) => string {
  const { t } = useTranslation()
  const denial = useDenialWords()
  return (error, direction) => {
    const failure = asFailure(error)
    const verdict = verdictOf(failure)
    return verdict ? denial(verdict, direction) : t(`failure.${failure.code}`)
  }
}

/** The page's own verdict as it is; the gateway's as it comes over the wire. */
function verdictOf({ code, detail }: Failure): Denial | undefined {
  if (code !== 'file_refused' || !detail) return undefined
  const verdict = (typeof detail['verdict'] === 'object' && detail['verdict'] !== null ? detail['verdict'] : detail) as Record<string, unknown>
  const { why, rule, maxBytes, paths } = verdict
  if (why !== 'action' && why !== 'path' && why !== 'size') return undefined
  return {
    permitted: false,
    why,
    ...(typeof rule === 'string' ? { rule } : {}),
    ...(typeof maxBytes === 'number' ? { maxBytes } : {}),
    ...(Array.isArray(paths) ? { paths: paths.filter((path) => typeof path === 'string') } : {}),
  }
}

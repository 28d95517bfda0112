// Refusals of steps that ask for a password or a code, as words beside the field that they are about.
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { useFailureWords } from '../parts/failure-notice.tsx'

/** What is wrong with a code; undefined when the refusal is about something else. */
export function useCodeFault(error: unknown): string | undefined {
  const { t } = useTranslation()
  const words = useFailureWords()
  if (error === null || error === undefined) return undefined
  const { code, detail, field } = asFailure(error)
  const seconds = detail?.['retryAfterSeconds']
  if (code === 'sign_in_slowed' && typeof seconds === 'number') return t('secondFactor.slowed', { seconds })
  return code === 'second_factor_wrong' || (code === 'bad_request' && field === 'code')
    ? t('failure.second_factor_wrong')
    : field === 'code'
      ? words(error)
      : undefined
}

/** What is wrong with a password that was asked for again. */
export function usePasswordFault(error: unknown): string | undefined {
  const { t } = useTranslation()
  if (error === null || error === undefined) return undefined
  const { code, field } = asFailure(error)
  return code === 'sign_in_failed' && field !== 'code' ? t('secondFactor.passwordWrong') : undefined
}

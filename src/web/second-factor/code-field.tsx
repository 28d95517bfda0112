import { TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './second-factor.module.css'
import { tidyCode } from './code-text.ts'

type Props = {
  value: string
  onChange: (code: string) => void
  error?: string | undefined
  /** Which of the two it asks for; both are taken in either. */
  recovery?: boolean
  /** Asks for both by its label. */
  either?: boolean
  /** Takes the focus when it appears, outside of dialogs, which do so themselves. */
  autoFocus?: boolean
  ref?: React.Ref<HTMLInputElement>
}

/** One field for one code, filled by hand, by paste or by the browser. On a telephone the keyboard is that of digits, except for recovery codes. */
export function CodeField({ value, onChange, error, recovery = false, either = false, autoFocus = false, ref }: Props) {
  const { t } = useTranslation()
  return (
    <TextInput
      ref={ref}
      label={either ? t('secondFactor.codeOrRecovery') : recovery ? t('secondFactor.recoveryCode') : t('secondFactor.code')}
      description={recovery ? t('secondFactor.recoveryHelp') : t('secondFactor.codeHelp')}
      name="code"
      autoComplete={recovery ? 'off' : 'one-time-code'}
      inputMode={recovery || either ? 'text' : 'numeric'}
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      maxLength={30}
      data-autofocus
      autoFocus={autoFocus}
      classNames={{ input: classes['code'] ?? '' }}
      value={value}
      onChange={(event) => onChange(tidyCode(event.currentTarget.value))}
      error={error}
    />
  )
}

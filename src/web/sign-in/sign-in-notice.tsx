import { useTranslation } from 'react-i18next'
import classes from './door.module.css'

/** What the administrator wants everybody to read before signing in: their words as plain text, their lines as they broke them. */
export function SignInNotice({ text }: { text: string }) {
  const { t } = useTranslation()
  return (
    <aside className={classes['notice']} aria-label={t('signIn.notice')} data-testid="sign-in-notice" tabIndex={0}>
      <bdi>{text}</bdi>
    </aside>
  )
}

import { useTranslation } from 'react-i18next'
import { PageHead } from '../parts/page-head.tsx'
import classes from './account.module.css'
import { ChangePassword } from './change-password.tsx'
import { OwnName } from './own-name.tsx'
import { OwnSignIns } from './own-sign-ins.tsx'
import { SecondFactorSection } from './second-factor-section.tsx'
import { SshKeysSection } from './ssh-keys-section.tsx'
import { ThisBrowser } from './this-browser.tsx'
import { TokensSection } from './tokens-section.tsx'

export function AccountPage() {
  const { t } = useTranslation()
  return (
    <>
      <PageHead title={t('account.title')} text={t('account.subtitle')} />
      <div className={classes['page']}>
        <div>
          <OwnName />
          <ChangePassword />
          <SecondFactorSection />
        </div>
        <div>
          <OwnSignIns />
          <SshKeysSection />
          <TokensSection />
          <ThisBrowser />
        </div>
      </div>
    </>
  )
}

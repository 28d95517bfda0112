import { Anchor, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { TotpSetup } from '#wire/api/second-factor.ts'
import { inFours, isAuthenticatorAddress } from './code-text.ts'
import { CopyLine } from './copy-line.tsx'
import { QrCode } from './qr-code.tsx'
import classes from './second-factor.module.css'

/** What the authenticator is to learn: as a picture, as text, and as a link where this device has the app. */
export function SetupKey({ setup }: { setup: TotpSetup }) {
  const { t } = useTranslation()
  return (
    <div className={classes['key']}>
      <QrCode text={setup.uri} label={t('secondFactor.qr')} />
      <div className={classes['keyWords']}>
        <Text size="sm" fw={600}>
          {t('secondFactor.scan')}
        </Text>
        <Text size="xs" className="quiet">
          {t('secondFactor.scanHelp')}
        </Text>
        {isAuthenticatorAddress(setup.uri) ? (
          <Anchor href={setup.uri} size="xs">
            {t('secondFactor.openApp')}
          </Anchor>
        ) : null}
      </div>
      <div className={classes['keyText']}>
        <Text size="xs" className="quiet">
          {t('secondFactor.cannotScan')}
        </Text>
        <CopyLine label={t('secondFactor.secret')} text={setup.secret} shown={inFours(setup.secret)} testId="totp-secret" />
      </div>
    </div>
  )
}

import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy, IconRefresh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './operators.module.css'

/** A password to be handed over: read, copied, made anew. */
export function SecretLine({ label, text, onRenew }: { label: string; text: string; onRenew?: () => void }) {
  const { t } = useTranslation()
  return (
    <div className={classes['secret']}>
      <code tabIndex={0} role="textbox" aria-readonly aria-label={label} data-testid="first-password">
        {text}
      </code>
      {onRenew ? (
        <Tooltip label={t('operators.form.other')}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('operators.form.other')} onClick={onRenew}>
            <IconRefresh size={17} />
          </ActionIcon>
        </Tooltip>
      ) : null}
      <CopyIcon label={label} text={text} />
    </div>
  )
}

export function CopyIcon({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation()
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('parts.copied') : t('parts.copy')}>
          <ActionIcon variant="subtle" color={copied ? 'teal' : 'gray'} size="lg" aria-label={`${t('parts.copy')}: ${label}`} onClick={copy}>
            {copied ? <IconCheck size={17} /> : <IconCopy size={17} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

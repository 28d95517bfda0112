// What a person is asked before something from outside takes effect: a paste, a link.
import { Alert, Code, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconAlertTriangle } from '@tabler/icons-react'
import i18next from 'i18next'
import type { LinkQuestion } from './links.ts'
import { hasUnseen, shownPaste } from './paste.ts'
import classes from './terminal.module.css'

function ask(title: string, label: string, children: React.ReactNode): Promise<boolean> {
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title,
      children,
      size: 'lg',
      labels: { confirm: label, cancel: i18next.t('parts.cancel') },
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
      onClose: () => resolve(false),
    })
  })
}

const Warning = ({ children }: { children: React.ReactNode }) => (
  <Alert className="tint-bad" variant="light" icon={<IconAlertTriangle size={18} />} mb="xs" p="xs">
    {children}
  </Alert>
)

export function askPaste(text: string, count: number): Promise<boolean> {
  const { t } = i18next
  const unseen = hasUnseen(text)
  return ask(
    t('terminals.paste.title', { count }),
    t('terminals.paste.do'),
    <>
      <Text size="sm" className="quiet" mb="xs">
        {t('terminals.paste.text')}
      </Text>
      {unseen ? <Warning>{t('comfort.paste.unseen')}</Warning> : null}
      {/* A few thousand characters: enough to see what it is, not enough to stop the page. */}
      <pre className={classes['shown']}>{shownPaste(text, 4000)}</pre>
    </>,
  )
}

export function askLink({ address, host, warnings }: LinkQuestion): Promise<boolean> {
  const { t } = i18next
  const at = address.indexOf(host, address.indexOf('//'))
  return ask(
    t('terminals.link.title'),
    t('terminals.link.do'),
    <>
      <Text size="sm" className="quiet" mb="xs">
        {t('terminals.link.text')}
      </Text>
      {warnings.map((warning) => (
        <Warning key={warning}>{t(`comfort.link.${warning}`)}</Warning>
      ))}
      <Text size="sm" mb="xs">
        {t('comfort.link.host')} <Code>{host}</Code>
      </Text>
      <pre className={classes['shown']} data-testid="address">
        {at === -1 ? address : address.slice(0, at)}
        <b>{at === -1 ? '' : host}</b>
        {at === -1 ? '' : address.slice(at + host.length)}
      </pre>
    </>,
  )
}

import { Button, Group, Text, Title } from '@mantine/core'
import { IconLock, IconX } from '@tabler/icons-react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { TransferState } from '#domain/terminal-transfer.ts'
import { hostText } from '../parts/format.ts'
import { useLanguage } from '../parts/use-language.ts'
import classes from './transfer.module.css'

/** `sz` or `rz` that may not go, or trzsz, which cannot: who says so, and what does work. Takes no focus: nothing is asked. */
export function RefusedCard({ state, onClose, onFiles }: { state: TransferState; onClose: () => void; onFiles: () => void }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const id = useId()
  const { way, failure, rule, text } = state
  const isTrzsz = way === 'trzsz'
  const isSaidInFull = language === 'en' && text !== undefined
  const why = isTrzsz
    ? t('terminalTransfers.refused.trzszText')
    : failure === 'file_too_large' && rule === undefined
      ? t('terminalTransfers.refused.largest')
      : // The gateway says exactly what is permitted, in English.
        isSaidInFull
        ? hostText(text, 400)
        : t(`failure.${failure ?? 'file_refused'}`)
  return (
    <div className={classes['card']} role="alert" aria-labelledby={id} data-testid="transfer-refused">
      <div className={classes['cardHead']}>
        <span className={classes['cardIcon']} data-bad aria-hidden>
          {isTrzsz ? <IconX size={20} /> : <IconLock size={20} />}
        </span>
        <div className={classes['cardWords']}>
          <Title order={2} id={id} className={classes['cardTitle'] ?? ''}>
            {t(`terminalTransfers.refused.${way}`)}
          </Title>
          <Text size="sm" className="quiet">
            {why}
          </Text>
          {rule === undefined || isSaidInFull ? null : (
            <Text size="sm" className="quiet">
              {t('terminalTransfers.refused.rule', { rule: hostText(rule, 200) })} {t('terminalTransfers.refused.instead')}
            </Text>
          )}
        </div>
      </div>
      <Group gap="xs" justify="flex-end">
        <Button size="xs" variant="default" onClick={onClose}>
          {t('parts.close')}
        </Button>
        <Button size="xs" onClick={onFiles}>
          {t('terminalTransfers.openFiles')}
        </Button>
      </Group>
    </div>
  )
}

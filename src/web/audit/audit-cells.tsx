// What one row of the ledger shows, in the list and in its details.
import { Text, Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { AuditView } from '#wire/api/audit.ts'
import { hostText } from '../parts/format.ts'
import { StateWord } from '../parts/state-dot.tsx'
import classes from './audit.module.css'
import { isOutcome, outcomeTones } from './audit-words.ts'

export function Outcome({ outcome }: { outcome: string }) {
  const { t } = useTranslation()
  if (!isOutcome(outcome)) return <span>{hostText(outcome)}</span>
  return (
    <Tooltip label={t(`audit.outcomeHelp.${outcome}`)} multiline maw={320}>
      <span>
        <StateWord tone={outcomeTones[outcome]}>{t(`audit.outcome.${outcome}`)}</StateWord>
      </span>
    </Tooltip>
  )
}

/** By name where there still is one; else the id that was written. */
export function Named({ id, name }: { id: string | undefined; name: string | undefined }) {
  if (id === undefined && name === undefined) return <span className="quiet">–</span>
  return name === undefined ? (
    <span className={`mono quiet ${classes['break'] ?? ''}`}>{hostText(id ?? '', 300)}</span>
  ) : (
    <bdi className={classes['break']} title={id}>
      {hostText(name, 300)}
    </bdi>
  )
}

export function Who({ row }: { row: AuditView }) {
  const { t } = useTranslation()
  if (row.operator === undefined)
    return (
      <Text size="sm" className="quiet" span>
        {t('audit.system')}
      </Text>
    )
  return <Named id={row.operator} name={row.operatorName} />
}

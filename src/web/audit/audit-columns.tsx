import { UnstyledButton } from '@mantine/core'
import type { TFunction } from 'i18next'
import type { AuditView } from '#wire/api/audit.ts'
import type { Column } from '../parts/list-column.ts'
import { Moment } from '../parts/moment.tsx'
import { Named, Outcome, Who } from './audit-cells.tsx'
import classes from './audit.module.css'

export function auditColumnsOf(t: TFunction, words: (code: string) => string, onOpen: (row: AuditView) => void): Column<AuditView>[] {
  const mono = (text: string | undefined) => <span className={`mono ${classes['break'] ?? ''}`}>{text ?? '–'}</span>
  return [
    { key: 'at', label: t('audit.column.at'), sort: 'at', width: '12%', phone: 'line', show: (row) => <Moment at={row.at} /> },
    { key: 'operator', label: t('audit.column.operator'), sort: 'operator', width: '15%', show: (row) => <Who row={row} /> },
    {
      key: 'code',
      label: t('audit.column.code'),
      sort: 'code',
      width: '24%',
      phone: 'head',
      fixed: true,
      show: (row) => (
        <UnstyledButton
          className={classes['what']}
          onClick={() => onOpen(row)}
          aria-label={t('audit.openLabel', { number: row.number ?? row.seq, what: words(row.code) })}
          data-testid="audit-open"
        >
          {words(row.code)}
        </UnstyledButton>
      ),
    },
    { key: 'object', label: t('audit.column.object'), width: '22%', show: (row) => <Named id={row.object} name={row.objectName} /> },
    { key: 'outcome', label: t('audit.column.outcome'), sort: 'outcome', phone: 'head', show: (row) => <Outcome outcome={row.outcome} /> },
    { key: 'source', label: t('audit.column.source'), sort: 'source', phone: 'none', show: (row) => mono(row.source) },
    { key: 'request', label: t('audit.column.request'), hidden: true, phone: 'none', show: (row) => mono(row.requestId) },
    {
      key: 'number',
      label: t('audit.column.number'),
      hidden: true,
      align: 'right',
      phone: 'none',
      show: (row) => <span className="tnum">{row.number ?? '–'}</span>,
    },
  ]
}

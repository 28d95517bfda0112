import { Button, Text } from '@mantine/core'
import { IconListDetails, IconPlayerPlay } from '@tabler/icons-react'
import type { TFunction } from 'i18next'
import type { TransferView } from '#wire/api/transfers.ts'
import { byteSize, hostText } from '../parts/format.ts'
import type { Column } from '../parts/list-column.ts'
import { Moment } from '../parts/moment.tsx'
import { Outcome } from '../sessions/act-outcome.tsx'
import { Deed, FilePath, Proof } from './file-act.tsx'
import classes from './transfers.module.css'

const quiet = (text: string) => <span className={text === '' ? 'quiet' : 'mono'}>{text === '' ? '–' : text}</span>

export function transferColumnsOf(t: TFunction, onShow: (row: TransferView) => void): Column<TransferView>[] {
  const took = (ms: number) => (ms < 1000 ? t('commands.ms', { count: Math.round(ms) }) : t('commands.seconds', { count: Math.round(ms / 100) / 10 }))
  return [
    { key: 'at', label: t('transfers.column.at'), sort: 'at', width: '9%', show: (row) => <Moment at={row.at} /> },
    {
      key: 'operator',
      label: t('transfers.column.operator'),
      sort: 'operator',
      width: '9%',
      show: (row) => <bdi className={classes['break']}>{hostText(row.operator, 100)}</bdi>,
    },
    {
      key: 'asset',
      label: t('transfers.column.asset'),
      sort: 'asset',
      width: '12%',
      show: (row) => (
        <div className={classes['two']}>
          <Text size="sm" fw={600} className={classes['break'] ?? ''}>
            <bdi>{hostText(row.asset, 300)}</bdi>
          </Text>
          <Text size="xs" className={`quiet mono ${classes['break'] ?? ''}`}>
            {hostText(row.account, 100)}
          </Text>
        </div>
      ),
    },
    { key: 'address', label: t('transfers.column.address'), sort: 'address', hidden: true, phone: 'none', show: (row) => quiet(hostText(row.address, 300)) },
    { key: 'source', label: t('transfers.column.source'), hidden: true, phone: 'none', show: (row) => quiet(hostText(row.source, 100)) },
    { key: 'direction', label: t('transfers.column.direction'), sort: 'direction', show: (row) => <Deed row={row} /> },
    { key: 'path', label: t('transfers.column.path'), sort: 'path', phone: 'head', fixed: true, width: '24%', show: (row) => <FilePath row={row} /> },
    { key: 'way', label: t('transfers.column.way'), sort: 'way', hidden: true, phone: 'none', show: (row) => t(`transfers.way.${row.way}`) },
    {
      key: 'bytes',
      label: t('transfers.column.bytes'),
      sort: 'bytes',
      align: 'right',
      show: (row) => (
        <span className="tnum" title={row.bytes === undefined ? undefined : t('transfers.bytes', { count: row.bytes })}>
          {row.bytes === undefined ? '–' : byteSize(row.bytes)}
        </span>
      ),
    },
    {
      key: 'ms',
      label: t('transfers.column.ms'),
      sort: 'ms',
      align: 'right',
      hidden: true,
      phone: 'none',
      show: (row) => (row.ms === undefined ? '–' : took(row.ms)),
    },
    { key: 'verified', label: t('transfers.column.proof'), sort: 'verified', show: (row) => <Proof row={row} /> },
    {
      key: 'outcome',
      label: t('transfers.column.outcome'),
      sort: 'outcome',
      width: '15%',
      show: (row) => <Outcome outcome={row.outcome} failure={row.failure} rule={row.rule} />,
    },
    {
      key: 'acts',
      label: t('transfers.column.acts'),
      phone: 'acts',
      align: 'right',
      fixed: true,
      show: (row) => {
        const inRecording = row.hasRecording && row.atMs !== undefined
        return (
          <Button
            size="xs"
            variant="light"
            leftSection={inRecording ? <IconPlayerPlay size={14} /> : <IconListDetails size={14} />}
            aria-label={t(inRecording ? 'transfers.showLabel' : 'transfers.lookLabel', { path: hostText(row.path, 80) })}
            onClick={() => onShow(row)}
            data-testid="transfer-show"
          >
            {t(inRecording ? 'transfers.show' : 'transfers.look')}
          </Button>
        )
      },
    },
  ]
}

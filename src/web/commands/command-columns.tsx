import { ActionIcon, Button, Group, Text } from '@mantine/core'
import { IconCopy, IconPlayerPlay } from '@tabler/icons-react'
import type { TFunction } from 'i18next'
import type { CommandView } from '#wire/api/audit.ts'
import { hostText } from '../parts/format.ts'
import type { Column } from '../parts/list-column.ts'
import { Moment } from '../parts/moment.tsx'
import { CommandText, ExitState, How, RuleVerdict } from './command-cells.tsx'
import classes from './commands.module.css'

type Acts = { onJump: (row: CommandView) => void; onCopy: (row: CommandView) => void }

export function commandColumnsOf(t: TFunction, { onJump, onCopy }: Acts): Column<CommandView>[] {
  const took = ({ durationMs }: CommandView) =>
    durationMs === undefined
      ? '–'
      : durationMs < 1000
        ? t('commands.ms', { count: Math.round(durationMs) })
        : t('commands.seconds', { count: Math.round(durationMs / 100) / 10 })
  return [
    { key: 'at', label: t('commands.column.at'), sort: 'at', width: '11%', show: (row) => <Moment at={row.at} /> },
    {
      key: 'operator',
      label: t('commands.column.operator'),
      sort: 'operator',
      width: '12%',
      show: (row) => <bdi className={classes['break']}>{hostText(row.operator, 100)}</bdi>,
    },
    {
      key: 'asset',
      label: t('commands.column.asset'),
      sort: 'asset',
      width: '14%',
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
    {
      key: 'account',
      label: t('commands.column.account'),
      sort: 'account',
      hidden: true,
      phone: 'none',
      show: (row) => <span className="mono">{hostText(row.account, 100)}</span>,
    },
    { key: 'command', label: t('commands.column.command'), phone: 'head', fixed: true, width: '34%', show: (row) => <CommandText row={row} /> },
    { key: 'exit', label: t('commands.column.exit'), show: (row) => <ExitState status={row.exitStatus} /> },
    { key: 'how', label: t('commands.column.how'), phone: 'none', show: (row) => <How how={row.how} /> },
    { key: 'verdict', label: t('commands.column.verdict'), show: (row) => <RuleVerdict row={row} /> },
    {
      key: 'duration',
      label: t('commands.column.duration'),
      align: 'right',
      hidden: true,
      phone: 'none',
      show: (row) => <span className="tnum">{took(row)}</span>,
    },
    {
      key: 'acts',
      label: t('commands.column.acts'),
      phone: 'acts',
      align: 'right',
      fixed: true,
      show: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button
            size="xs"
            variant="light"
            leftSection={<IconPlayerPlay size={14} />}
            aria-label={t('commands.jumpLabel', { command: row.how === 'hidden' ? t('commands.hidden') : hostText(row.text, 80) })}
            onClick={() => onJump(row)}
            data-testid="command-jump"
          >
            {t('commands.jump')}
          </Button>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('commands.copy')}
            title={t('commands.copy')}
            disabled={row.how === 'hidden' || row.text === ''}
            onClick={() => onCopy(row)}
          >
            <IconCopy size={16} />
          </ActionIcon>
        </Group>
      ),
    },
  ]
}

// The columns of the list of operators.
import { Button, Group, Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { useMe } from '../frame/me.ts'
import type { Column } from '../parts/list-column.ts'
import { Moment } from '../parts/moment.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import { OperatorMenu, type OperatorAct } from './operator-menu.tsx'
import classes from './operators.module.css'

type Acts = { admins: number | undefined; onEdit: (id: string) => void; onAct: (act: OperatorAct, person: OperatorDetail) => void }

export function useOperatorColumns({ admins, onEdit, onAct }: Acts): Column<OperatorDetail>[] {
  const { t } = useTranslation()
  return [
    { key: 'name', label: t('operators.column.name'), sort: 'name', phone: 'head', fixed: true, width: '24%', show: (row) => <Name row={row} /> },
    { key: 'state', label: t('operators.column.state'), sort: 'enabled', phone: 'head', show: (row) => <State row={row} /> },
    { key: 'role', label: t('operators.column.role'), sort: 'role', show: (row) => t(`operators.role.${row.role}`) },
    { key: 'groups', label: t('operators.column.groups'), width: '20%', show: (row) => <Groups row={row} /> },
    {
      key: 'factor',
      label: t('operators.column.factor'),
      show: (row) =>
        row.secondFactor ? (
          <span className={classes['factor']}>
            <IconShieldCheck size={15} aria-hidden />
            {t('operators.factor.set')}
          </span>
        ) : (
          <span className="quiet">{t('operators.factor.none')}</span>
        ),
    },
    { key: 'signIn', label: t('operators.column.lastSignIn'), sort: 'lastSignInAt', show: (row) => <Moment at={row.lastSignInAt} /> },
    { key: 'sessions', label: t('operators.column.sessions'), show: (row) => <Sessions row={row} /> },
    { key: 'added', label: t('operators.column.added'), sort: 'createdAt', phone: 'none', hidden: true, show: (row) => <Moment at={row.createdAt} /> },
    {
      key: 'acts',
      label: t('operators.column.actions'),
      phone: 'acts',
      align: 'right',
      width: 130,
      fixed: true,
      show: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button size="xs" variant="light" onClick={() => onEdit(row.id)}>
            {t('operators.edit')}
          </Button>
          <OperatorMenu person={row} admins={admins} onEdit={() => onEdit(row.id)} onAct={(act) => onAct(act, row)} />
        </Group>
      ),
    },
  ]
}

type Row = { row: OperatorDetail }

function Name({ row }: Row) {
  const { t } = useTranslation()
  const me = useMe()
  return (
    <div className={classes['name']}>
      <Text fw={600} size="sm" title={row.name} className={classes['one']}>
        <bdi>{row.name}</bdi>
      </Text>
      <span className={classes['username']} title={row.username}>
        <bdi className="mono quiet">{row.username}</bdi>
        {row.id === me.id ? <b className={classes['me']}>{t('operators.me')}</b> : null}
      </span>
    </div>
  )
}

function State({ row }: Row) {
  const { t } = useTranslation()
  if (!row.enabled) return <StateWord tone="bad">{t('operators.state.disabled')}</StateWord>
  if (row.mustChangePassword) return <StateWord tone="warn">{t('operators.state.mustChange')}</StateWord>
  return <StateWord tone="live">{t('operators.state.enabled')}</StateWord>
}

/** So many are named before the rest is counted. */
const mostGroups = 3

function Groups({ row }: Row) {
  const { t } = useTranslation()
  const { groups } = row
  if (groups.length === 0) return <span className="quiet">–</span>
  const rest = groups.slice(mostGroups)
  return (
    <ul className={classes['chips']}>
      {groups.slice(0, mostGroups).map(({ id, name }) => (
        <li key={id} title={name}>
          <bdi>{name}</bdi>
        </li>
      ))}
      {rest.length > 0 ? (
        <li className={`quiet ${classes['rest'] ?? ''}`} title={rest.map(({ name }) => name).join('\n')}>
          {t('groups.more', { count: rest.length })}
        </li>
      ) : null}
    </ul>
  )
}

function Sessions({ row }: Row) {
  const { t } = useTranslation()
  if (row.sessions === 0) return <span className="quiet">{t('operators.noSessions')}</span>
  return (
    <Link to="/sessions" search={{ person: row.username }} title={t('operators.showSessions', { name: row.name })} className={`tnum ${classes['link'] ?? ''}`}>
      {row.sessions}
    </Link>
  )
}

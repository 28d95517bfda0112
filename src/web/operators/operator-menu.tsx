// What can be done with a person; what cannot is greyed and says why.
import { ActionIcon, Menu } from '@mantine/core'
import {
  IconDots,
  IconHistory,
  IconKey,
  IconListSearch,
  IconPassword,
  IconPencil,
  IconPlugConnectedX,
  IconShieldCheck,
  IconShieldOff,
  IconTrash,
  IconUserCheck,
  IconUserOff,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { useMe } from '../frame/me.ts'
import { whyNotDemote } from './operator-rights.ts'
import classes from './operators.module.css'
import { useEnable } from './use-enable.ts'

export type OperatorAct = 'keys' | 'password' | 'end' | 'disable' | 'factor' | 'remove'
type Props = { person: OperatorDetail; admins: number | undefined; onEdit: () => void; onAct: (act: OperatorAct) => void }

export function OperatorMenu({ person, admins, onEdit, onAct }: Props) {
  const { t } = useTranslation()
  const me = useMe()
  const { setEnabled, isPending } = useEnable()
  const { id, name, username, enabled, secondFactor } = person
  const whyNot = whyNotDemote(person, me.id, admins)
  const why = whyNot === undefined ? undefined : t(`operators.why.${whyNot}`)
  return (
    <Menu position="bottom-end" shadow="md" width={270}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('operators.actions', { name })} loading={isPending}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
          {t('operators.edit')}
        </Menu.Item>
        <Menu.Item leftSection={<IconListSearch size={16} />} renderRoot={(props) => <Link {...props} to="/who-may" search={{ operator: username }} />}>
          {t('operators.whatMay')}
        </Menu.Item>
        <Menu.Item leftSection={<IconShieldCheck size={16} />} renderRoot={(props) => <Link {...props} to="/grants" search={{ operator: id }} />}>
          {t('operators.grants')}
        </Menu.Item>
        <Menu.Item leftSection={<IconHistory size={16} />} renderRoot={(props) => <Link {...props} to="/sessions" search={{ person: username }} />}>
          {t('operators.sessionsOf')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKey size={16} />} onClick={() => onAct('keys')} data-testid="operator-keys">
          {t('sshKeys.ofOperator.menu')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPassword size={16} />} onClick={() => onAct('password')}>
          {t('operators.password')}
        </Menu.Item>
        <Act icon={<IconShieldOff size={16} />} why={secondFactor ? undefined : t('operators.why.noFactor')} onClick={() => onAct('factor')}>
          {t('operators.removeFactor')}
        </Act>
        <Menu.Item leftSection={<IconPlugConnectedX size={16} />} onClick={() => onAct('end')}>
          {t('operators.end')}
        </Menu.Item>
        <Menu.Divider />
        {enabled ? (
          <Act icon={<IconUserOff size={16} />} why={why} onClick={() => onAct('disable')} testId="disable">
            {t('operators.disable')}
          </Act>
        ) : (
          <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => setEnabled(person, true)}>
            {t('operators.enable')}
          </Menu.Item>
        )}
        <Act icon={<IconTrash size={16} />} why={why} color="red" onClick={() => onAct('remove')} testId="remove">
          {t('operators.remove')}
        </Act>
      </Menu.Dropdown>
    </Menu>
  )
}

type ActProps = { icon: React.ReactNode; why: string | undefined; color?: string; onClick: () => void; children: React.ReactNode; testId?: string }

/** Greyed, it can still be reached and read: a reason that only the mouse finds is none for who uses the keyboard. */
function Act({ icon, why, color, onClick, children, testId }: ActProps) {
  if (why === undefined)
    return (
      <Menu.Item leftSection={icon} {...(color === undefined ? {} : { color })} onClick={onClick} data-testid={testId}>
        {children}
      </Menu.Item>
    )
  return (
    <Menu.Item leftSection={icon} closeMenuOnClick={false} aria-disabled data-testid={testId} className={classes['greyed'] ?? ''}>
      {children}
      <span className={classes['why']}>{why}</span>
    </Menu.Item>
  )
}

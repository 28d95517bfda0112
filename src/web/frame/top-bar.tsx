import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core'
import { IconLogout, IconUserCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import classes from './frame.module.css'
import { LanguageMenu, ThemeMenu } from './look-menus.tsx'
import { useMe } from './me.ts'
import { PaletteButton } from './palette-button.tsx'
import { useSignOut } from './use-sign-out.ts'

export function TopBar() {
  return (
    <header className={classes['top']}>
      <PaletteButton />
      <div className={classes['topActs']}>
        <LanguageMenu />
        <ThemeMenu />
        <MeMenu />
      </div>
    </header>
  )
}

function MeMenu() {
  const { t } = useTranslation()
  const me = useMe()
  const { leave, isLeaving } = useSignOut()
  return (
    <Menu position="bottom-end" shadow="md" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes['me'] ?? ''} aria-label={t('frame.me.label')}>
          <Avatar name={me.name} color="tide" radius="xl" size={32} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes['meHead']}>
          <Text size="sm" fw={600} truncate>
            <bdi>{me.name}</bdi>
          </Text>
          <Text size="xs" className="quiet" truncate>
            {t(`frame.me.role.${me.role}`)}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          {t('frame.me.account')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave} disabled={isLeaving}>
          {t('frame.me.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

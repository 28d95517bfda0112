import { ActionIcon, Avatar, Menu, Text, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { IconCheck, IconDeviceDesktop, IconLanguage, IconLogout, IconMoon, IconSun } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, queries } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { closeAllTabs } from '../terminal/open-tabs.ts'
import { languages, setLanguage } from '../words/words.ts'
import classes from './frame.module.css'
import { useMe } from './me.ts'
import { QuickSearch } from './quick-search.tsx'

const schemes = [
  { scheme: 'light', icon: IconSun, word: 'light' },
  { scheme: 'dark', icon: IconMoon, word: 'dark' },
  { scheme: 'auto', icon: IconDeviceDesktop, word: 'system' },
] as const

export function TopBar() {
  return (
    <header className={classes['top']}>
      <QuickSearch />
      <div className={classes['topActs']}>
        <LanguageMenu />
        <ThemeMenu />
        <MeMenu />
      </div>
    </header>
  )
}

export function LanguageMenu() {
  const { t } = useTranslation()
  const language = useLanguage()
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Tooltip label={t('frame.language.label')}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('frame.language.label')}>
            <IconLanguage size={20} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map(({ code, name }) => (
          <Menu.Item key={code} lang={code} onClick={() => void setLanguage(code)} rightSection={language === code ? <IconCheck size={15} /> : null}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

export function ThemeMenu() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Current = schemes.find(({ scheme }) => scheme === colorScheme)?.icon ?? IconDeviceDesktop
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Tooltip label={t('frame.theme.label')}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('frame.theme.label')}>
            <Current size={20} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map(({ scheme, icon: Icon, word }) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} />}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? <IconCheck size={15} /> : null}
          >
            {t(`frame.theme.${word}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function MeMenu() {
  const { t } = useTranslation()
  const me = useMe()
  const navigate = useNavigate()
  const leave = useMutation({
    mutationFn: () => api.signOut(),
    onError: notifyFailure,
    async onSuccess() {
      closeAllTabs()
      await navigate({ to: '/sign-in', search: { left: '1' } })
      queries.clear()
    },
  })
  return (
    <Menu position="bottom-end" shadow="md" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes['me']} aria-label={t('frame.me.label')}>
          <Avatar name={me.name} color="tide" radius="xl" size={32} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes['meHead']}>
          <Text size="sm" fw={600} truncate>
            {me.name}
          </Text>
          <Text size="xs" className="quiet" truncate>
            {t(`frame.me.role.${me.role}`)}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate()} disabled={leave.isPending}>
          {t('frame.me.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

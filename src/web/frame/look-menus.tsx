// Language and theme, inside and before the frame.
import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from '@mantine/core'
import { IconCheck, IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useLanguage } from '../parts/use-language.ts'
import { languages } from '../words/words.ts'
import { chooseLanguage } from './choose-language.ts'

const schemes = [
  { scheme: 'light', icon: IconSun, word: 'light' },
  { scheme: 'dark', icon: IconMoon, word: 'dark' },
  { scheme: 'auto', icon: IconDeviceDesktop, word: 'system' },
] as const

export function LanguageItems() {
  const language = useLanguage()
  return languages.map(({ code, name }) => (
    <Menu.Item key={code} lang={code} onClick={() => void chooseLanguage(code)} rightSection={language === code ? <IconCheck size={15} /> : null}>
      {name}
    </Menu.Item>
  ))
}

export function ThemeItems() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return schemes.map(({ scheme, icon: Icon, word }) => (
    <Menu.Item
      key={scheme}
      leftSection={<Icon size={16} />}
      onClick={() => setColorScheme(scheme)}
      rightSection={colorScheme === scheme ? <IconCheck size={15} /> : null}
    >
      {t(`frame.theme.${word}`)}
    </Menu.Item>
  ))
}

export function LanguageMenu() {
  const { t } = useTranslation()
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
        <LanguageItems />
      </Menu.Dropdown>
    </Menu>
  )
}

export function ThemeMenu() {
  const { t } = useTranslation()
  const { colorScheme } = useMantineColorScheme()
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
        <ThemeItems />
      </Menu.Dropdown>
    </Menu>
  )
}

import { Button, Text } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { SettingName } from '#wire/api/settings.ts'
import classes from './settings.module.css'
import type { Section } from './use-section.ts'
import { useValueWords } from './value-words.ts'

type Props = { name: SettingName; label: string; section: Section; children: React.ReactNode }

/** A field, and below it where its value comes from and the way back. */
export function SettingRow({ name, label, section, children }: Props) {
  const { t } = useTranslation()
  const { words } = useValueWords()
  const { view } = section
  const isChanged = view.changed.includes(name)
  const start = words(name, view.start)
  const source = view.givenBy[name]
  return (
    <div className={classes['row']} data-setting={name}>
      {children}
      <div className={classes['from']} data-testid={`from-${name}`}>
        <Text size="xs" className="quiet">
          {isChanged ? t('settings.from.changed') : source === undefined ? t('settings.from.default') : t('settings.from.given', { source, value: start })}
        </Text>
        {isChanged ? (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconArrowBackUp size={13} aria-hidden />}
            onClick={() => section.reset(name)}
            disabled={section.isBusy}
            aria-label={t('settings.resetLabel', { field: label, value: start })}
            classNames={{ label: classes['wrap'] ?? '' }}
          >
            {t('settings.reset', { value: start })}
          </Button>
        ) : null}
      </div>
    </div>
  )
}

import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './comfort.module.css'
import { useShownTheme } from './shown-theme.ts'
import type { ThemeName } from './themes.ts'
import { themeNames } from './themes.ts'

type Choice = ThemeName | 'page'

export function ThemeChoice({ chosen, onChoose }: { chosen: Choice; onChoose: (theme: Choice) => void }) {
  const { t } = useTranslation()
  return (
    <div role="radiogroup" aria-label={t('comfort.settings.theme')}>
      <Text size="sm" fw={500} mb={6}>
        {t('comfort.settings.theme')}
      </Text>
      <div className={classes['themes']}>
        {(['page', ...themeNames] as const).map((name) => (
          <ThemeSample key={name} name={name} chosen={chosen === name} onChoose={onChoose} />
        ))}
      </div>
    </div>
  )
}

const samples = ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta'] as const

function ThemeSample({ name, chosen, onChoose }: { name: Choice; chosen: boolean; onChoose: (theme: Choice) => void }) {
  const { t } = useTranslation()
  const { colors } = useShownTheme(name)
  return (
    <label className={classes['theme']} data-chosen={chosen || undefined} style={{ background: colors.background, color: colors.foreground }}>
      <input type="radio" name="terminal-theme" className="visually-hidden" checked={chosen} onChange={() => onChoose(name)} />
      <span className={classes['themeName']}>{t(`comfort.settings.themes.${name}`)}</span>
      <span className={classes['swatches']} aria-hidden>
        {samples.map((color) => (
          <span key={color} style={{ background: colors[color] }} />
        ))}
      </span>
    </label>
  )
}

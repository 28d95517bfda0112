import { Input, SegmentedControl, Text, useMantineColorScheme } from '@mantine/core'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { chooseLanguage } from '../frame/choose-language.ts'
import { setExactTimes, useExactTimes } from '../parts/exact-times.ts'
import { exactTime } from '../parts/format.ts'
import { SectionCard } from '../parts/section-card.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { useNow } from '../parts/use-now.ts'
import { type Language, languages } from '../words/words.ts'
import classes from './account.module.css'

type ChoiceProps<Value extends string> = { label: string; data: { value: Value; label: string }[]; value: Value; onChange: (value: Value) => void }

function Choice<Value extends string>({ label, data, value, onChange }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <Input.Wrapper label={label} labelElement="div" labelProps={{ id }}>
      <SegmentedControl mt={4} fullWidth aria-labelledby={id} data={data} value={value} onChange={(chosen) => onChange(chosen as Value)} />
    </Input.Wrapper>
  )
}

/** What this browser keeps: how the pages look and speak. */
export function ThisBrowser() {
  const { t } = useTranslation()
  const language = useLanguage()
  const exact = useExactTimes()
  const now = useNow(1000)
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SectionCard id="browser" title={t('account.view.title')} text={t('account.view.text')}>
      <div className={classes['choices']}>
        <Choice<Language>
          label={t('account.view.language')}
          data={languages.map(({ code, name }) => ({ value: code, label: name }))}
          value={language}
          onChange={(code) => void chooseLanguage(code)}
        />
        <Choice
          label={t('account.view.theme')}
          data={[
            { value: 'light', label: t('frame.theme.light') },
            { value: 'dark', label: t('frame.theme.dark') },
            { value: 'auto', label: t('frame.theme.system') },
          ]}
          value={colorScheme}
          onChange={setColorScheme}
        />
        <Choice
          label={t('account.view.times')}
          data={[
            { value: 'relative', label: t('account.view.relative') },
            { value: 'exact', label: t('account.view.exact') },
          ]}
          value={exact ? 'exact' : 'relative'}
          onChange={(chosen) => setExactTimes(chosen === 'exact')}
        />
        <Text size="sm" className="quiet">
          {t('account.view.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, now: exactTime(now, language) })}
        </Text>
      </div>
    </SectionCard>
  )
}

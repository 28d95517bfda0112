// How terminals look and behave, beside the terminals, so that every change is seen where it counts.
import { ActionIcon, Button, CloseButton, Group, SegmentedControl, Select, Stack, Switch, Text, TextInput, Title } from '@mantine/core'
import { IconMinus, IconPlus } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './comfort.module.css'
import { changeSettings, isNarrow, resetSettings, useSettings } from './kept-settings.ts'
import type { TerminalSettings } from './terminal-settings.ts'
import { fontNames, isOwnFont, limits } from './terminal-settings.ts'
import { ThemeChoice } from './theme-choice.tsx'

const scrollbacks = [1000, 5000, 10_000, 20_000, 50_000] as const

export function SettingsPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const id = useId()
  const settings = useSettings()
  const panel = useRef<HTMLDivElement>(null)
  useEffect(() => panel.current?.focus(), [])
  const choice = <Name extends 'cursor' | 'bell' | 'drawing'>(
    name: Name,
    options: readonly { value: TerminalSettings[Name]; label: string }[],
    label: string,
  ) => (
    <Row label={label}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={label}
        data={options.map(({ value, label: text }) => ({ value, label: text }))}
        value={settings[name]}
        onChange={(value) => changeSettings({ [name]: value })}
      />
    </Row>
  )
  const toggle = (name: 'readable' | 'cursorBlink' | 'copyOnSelect' | 'controlCCopies' | 'screenReader', label: string, description?: string) => (
    <Switch
      size="sm"
      label={label}
      description={description}
      checked={settings[name]}
      onChange={(event) => changeSettings({ [name]: event.currentTarget.checked })}
    />
  )
  // A number that another window or version chose stays in the list.
  const kept = [...new Set([...scrollbacks, settings.scrollback])].sort((a, b) => a - b)
  return (
    <div
      ref={panel}
      className={classes['panel']}
      role="dialog"
      aria-labelledby={id}
      tabIndex={-1}
      data-testid="terminal-settings"
      onKeyDown={(event) => {
        // Of an open list Escape closes the list.
        const inList = event.target instanceof Element && event.target.getAttribute('aria-expanded') === 'true'
        if (event.key === 'Escape' && !inList) onClose()
      }}
    >
      <Group justify="space-between" wrap="nowrap" className={classes['panelHead']}>
        <Title order={2} id={id}>
          {t('comfort.settings.title')}
        </Title>
        <CloseButton aria-label={t('comfort.settings.close')} onClick={onClose} />
      </Group>
      <Stack gap="md" className={classes['panelBody']}>
        <Text size="sm" className="quiet">
          {t('comfort.settings.text')}
        </Text>
        <ThemeChoice chosen={settings.theme} onChoose={(theme) => changeSettings({ theme })} />
        {toggle('readable', t('comfort.settings.readable'), t('comfort.settings.readableHelp'))}
        <FontChoice settings={settings} />
        <Group grow gap="md" align="start">
          <Steps
            label={t('comfort.settings.fontSize')}
            shown={String(settings.fontSize)}
            least={settings.fontSize <= limits.fontSize[0]}
            most={settings.fontSize >= limits.fontSize[1]}
            onStep={(by) => changeSettings({ fontSize: settings.fontSize + by })}
          />
          <Steps
            label={t('comfort.settings.lineHeight')}
            shown={settings.lineHeight.toFixed(2)}
            least={settings.lineHeight <= limits.lineHeight[0]}
            most={settings.lineHeight >= limits.lineHeight[1]}
            onStep={(by) =>
              changeSettings({ lineHeight: Math.min(limits.lineHeight[1], Math.max(limits.lineHeight[0], Math.round(settings.lineHeight * 20 + by) / 20)) })
            }
          />
        </Group>
        {isNarrow() ? null : (
          <Text size="xs" className="quiet" mt={-10}>
            {t('comfort.settings.fontSizeHelp')}
          </Text>
        )}
        {choice(
          'cursor',
          (['block', 'underline', 'bar'] as const).map((value) => ({ value, label: t(`comfort.settings.cursors.${value}`) })),
          t('comfort.settings.cursor'),
        )}
        {toggle('cursorBlink', t('comfort.settings.cursorBlink'))}
        {choice(
          'bell',
          (['off', 'visual', 'sound'] as const).map((value) => ({ value, label: t(`comfort.settings.bells.${value}`) })),
          t('comfort.settings.bell'),
        )}
        <Select
          label={t('comfort.settings.scrollback')}
          description={t('comfort.settings.scrollbackHelp')}
          data={kept.map((lines) => ({ value: String(lines), label: lines.toLocaleString() }))}
          value={String(settings.scrollback)}
          allowDeselect={false}
          onChange={(value) => changeSettings({ scrollback: Number(value) })}
        />
        {toggle('copyOnSelect', t('comfort.settings.copyOnSelect'))}
        {toggle('controlCCopies', t('comfort.settings.controlCCopies'), t('comfort.settings.controlCCopiesHelp'))}
        {toggle('screenReader', t('comfort.settings.screenReader'), t('comfort.settings.screenReaderHelp'))}
        {choice(
          'drawing',
          (['automatic', 'webgl', 'dom'] as const).map((value) => ({ value, label: t(`comfort.settings.drawings.${value}`) })),
          t('comfort.settings.drawing'),
        )}
        <Button variant="default" size="xs" onClick={resetSettings}>
          {t('comfort.settings.reset')}
        </Button>
      </Stack>
    </div>
  )
}

const Row = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div>
    <Text size="sm" fw={500} mb={4}>
      {label}
    </Text>
    {children}
  </div>
)

type StepsProps = { label: string; shown: string; least: boolean; most: boolean; onStep: (by: 1 | -1) => void }
function Steps({ label, shown, least, most, onStep }: StepsProps) {
  return (
    <div role="group" aria-label={label}>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <div className={classes['steps']}>
        <ActionIcon variant="default" size={30} aria-label={`${label} −`} disabled={least} onClick={() => onStep(-1)}>
          <IconMinus size={14} />
        </ActionIcon>
        <output className="tnum" aria-live="polite">
          {shown}
        </output>
        <ActionIcon variant="default" size={30} aria-label={`${label} +`} disabled={most} onClick={() => onStep(1)}>
          <IconPlus size={14} />
        </ActionIcon>
      </div>
    </div>
  )
}

function FontChoice({ settings }: { settings: TerminalSettings }) {
  const { t } = useTranslation()
  const [own, setOwn] = useState(settings.ownFont)
  return (
    <div>
      <Select
        label={t('comfort.settings.font')}
        description={t('comfort.settings.fontHelp')}
        data={[...fontNames, 'own' as const].map((value) => ({ value, label: t(`comfort.settings.fonts.${value}`) }))}
        value={settings.font}
        allowDeselect={false}
        onChange={(value) => {
          const font = [...fontNames, 'own' as const].find((name) => name === value)
          if (font) changeSettings({ font })
        }}
      />
      {settings.font === 'own' ? (
        <TextInput
          mt={6}
          aria-label={t('comfort.settings.ownFont')}
          placeholder={t('comfort.settings.ownFont')}
          value={own}
          maxLength={120}
          spellCheck={false}
          error={own !== '' && !isOwnFont(own) ? t('comfort.settings.ownFontBad') : undefined}
          onChange={(event) => {
            const { value } = event.currentTarget
            setOwn(value)
            if (value === '' || isOwnFont(value)) changeSettings({ ownFont: value })
          }}
        />
      ) : null}
    </div>
  )
}

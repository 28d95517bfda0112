import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCopy, IconDownload, IconPrinter } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copyText } from '../terminal/clipboard.ts'
import { codeSheet } from './code-text.ts'
import { saveText } from '../parts/save-text.ts'
import classes from './second-factor.module.css'

/** Shown this once. Nothing goes on before the person says that they are kept. `name`: whose they are. `done`: the words of the button. */
export function RecoveryCodes({ codes, name, done, onDone }: { codes: readonly string[]; name: string; done: string; onDone: () => void }) {
  const { t } = useTranslation()
  const [kept, setKept] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.focus(), [])
  const heading = t('secondFactor.codes.sheet', { name, place: location.host })
  const sheet = codeSheet(heading, codes)
  const copy = async () => {
    const copied = await copyText(sheet)
    notifications.show(copied ? { message: t('secondFactor.codes.copied'), autoClose: 2500 } : { color: 'red', message: t('player.copyFailed') })
  }
  const tool = { size: 'compact-sm', variant: 'default' } as const
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (kept) onDone()
      }}
    >
      <Stack gap="md">
        <Text size="sm" className="quiet" id="recovery-text">
          {t('secondFactor.codes.text')}
        </Text>
        <div ref={place} className={classes['sheet']} tabIndex={-1} role="group" aria-label={t('secondFactor.codes.list')} aria-describedby="recovery-text">
          <p className={classes['sheetHead']}>{heading}</p>
          <ol className={classes['codes']} data-testid="recovery-codes">
            {codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ol>
        </div>
        <Group gap="xs">
          <Button {...tool} leftSection={<IconCopy size={15} />} onClick={() => void copy()}>
            {t('secondFactor.codes.copy')}
          </Button>
          <Button {...tool} leftSection={<IconDownload size={15} />} onClick={() => saveText(sheet, t('secondFactor.codes.fileName'))}>
            {t('secondFactor.codes.download')}
          </Button>
          <Button {...tool} leftSection={<IconPrinter size={15} />} onClick={() => print()}>
            {t('secondFactor.codes.print')}
          </Button>
        </Group>
        <Checkbox label={t('secondFactor.codes.kept')} checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} data-testid="codes-kept" />
        <Button type="submit" fullWidth disabled={!kept} data-testid="codes-done">
          {done}
        </Button>
      </Stack>
    </form>
  )
}

import { Button } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useCopied } from '../parts/use-copied.ts'
import classes from './ssh-door.module.css'

/** Several lines to take along: selectable, scrolled by keys, with a button that copies all. */
export function TextBlock({ label, text, testId }: { label: string; text: string; testId: string }) {
  const { t } = useTranslation()
  const { copied, copy } = useCopied()
  return (
    <div className={classes['block']}>
      <div className={classes['blockHead']}>
        <span className="quiet">{label}</span>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          onClick={() => copy(text)}
          aria-label={`${t('parts.copy')}: ${label}`}
        >
          {copied ? t('parts.copied') : t('parts.copy')}
        </Button>
      </div>
      <pre tabIndex={0} role="textbox" aria-readonly aria-multiline aria-label={label} data-testid={testId}>
        {text}
      </pre>
      <span className="visually-hidden" aria-live="polite">
        {copied ? t('parts.copied') : ''}
      </span>
    </div>
  )
}

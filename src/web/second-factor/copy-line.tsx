import { ActionIcon, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useCopied } from '../parts/use-copied.ts'
import classes from './second-factor.module.css'

/** Text to take along: selectable, scrolled by keys where it is long, with a button that copies `text` where `shown` is spaced for reading. */
export function CopyLine({ label, text, shown, testId }: { label: string; text: string; shown?: string; testId: string }) {
  const { t } = useTranslation()
  const { copied, copy } = useCopied()
  return (
    <div className={classes['line']}>
      <code
        data-testid={testId}
        tabIndex={0}
        role="textbox"
        aria-readonly
        aria-multiline={false}
        aria-label={label}
        data-scrolls
        data-wraps={shown !== undefined || undefined}
      >
        {shown ?? text}
      </code>
      <Tooltip label={copied ? t('parts.copied') : t('parts.copy')}>
        <ActionIcon variant="subtle" color={copied ? 'teal' : 'gray'} aria-label={`${t('parts.copy')}: ${label}`} onClick={() => copy(text)}>
          {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        </ActionIcon>
      </Tooltip>
      <span className="visually-hidden" aria-live="polite">
        {copied ? t('parts.copied') : ''}
      </span>
    </div>
  )
}

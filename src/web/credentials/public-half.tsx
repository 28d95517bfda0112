import { ActionIcon, CopyButton, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { KeyGoal } from './copy-line.ts'
import { authorizedLine, copyCommand } from './copy-line.ts'
import classes from './credentials.module.css'

/** The half of a key that may be seen: the line for `authorized_keys`, and for a host the command that puts it there. */
export function PublicHalf({ publicKey, goal }: { publicKey: string; goal?: KeyGoal }) {
  const { t } = useTranslation()
  return (
    <div className={classes['half']}>
      <Line label={t('credentials.half.line')} text={authorizedLine(publicKey)} testId="public-half" />
      {goal ? <Line label={t('credentials.half.command')} text={copyCommand(publicKey, goal)} testId="copy-command" /> : null}
    </div>
  )
}

function Line({ label, text, testId }: { label: string; text: string; testId: string }) {
  const { t } = useTranslation()
  return (
    <div>
      <Text size="xs" className="quiet">
        {label}
      </Text>
      <div className={classes['line']}>
        <code data-testid={testId} tabIndex={0} role="textbox" aria-readonly aria-label={label} data-scrolls>
          {text}
        </code>
        <CopyButton value={text} timeout={1500}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? t('parts.copied') : t('parts.copy')}>
              <ActionIcon variant="subtle" color={copied ? 'teal' : 'gray'} aria-label={`${t('parts.copy')}: ${label}`} onClick={copy}>
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </div>
    </div>
  )
}

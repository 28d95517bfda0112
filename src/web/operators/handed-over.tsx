import { Button, CopyButton, Group, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './operators.module.css'
import { CopyIcon } from './secret-line.tsx'

/** `fresh`: no group has been chosen, so nothing is granted yet. */
export type Handed = { id: string; name: string; username: string; password: string; fresh: boolean }

/** What a person needs to sign in for the first time, shown this once. */
export function HandedOver({ handed, onDone }: { handed: Handed; onDone: () => void }) {
  const { t } = useTranslation()
  const lines: [string, string][] = [
    [t('operators.made.address'), globalThis.location.origin],
    [t('operators.made.username'), handed.username],
    [t('operators.made.password'), handed.password],
  ]
  return (
    <div className={classes['form']} data-testid="handed-over">
      <Text size="sm">{t('operators.made.text')}</Text>
      <dl className={classes['handed']}>
        {lines.map(([label, text]) => (
          <Fragment key={label}>
            <dt>{label}</dt>
            <dd>
              <bdi>{text}</bdi>
            </dd>
            <div>
              <CopyIcon label={label} text={text} />
            </div>
          </Fragment>
        ))}
      </dl>
      {handed.fresh ? (
        <Text size="sm" className="quiet">
          {t('operators.made.next')}
        </Text>
      ) : null}
      <Group justify="space-between" gap="xs">
        <CopyButton value={lines.map(([label, text]) => `${label}: ${text}`).join('\n')} timeout={1500}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy} leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}>
              {copied ? t('parts.copied') : t('operators.made.copyAll')}
            </Button>
          )}
        </CopyButton>
        <Group gap="xs">
          {handed.fresh ? (
            <Button variant="light" renderRoot={(props) => <Link {...props} to="/grants" search={{ operator: handed.id, edit: 'new' }} />}>
              {t('operators.made.grant')}
            </Button>
          ) : null}
          <Button onClick={onDone} data-autofocus data-testid="handed-done">
            {t('operators.made.done')}
          </Button>
        </Group>
      </Group>
    </div>
  )
}

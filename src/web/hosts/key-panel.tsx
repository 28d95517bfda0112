import { Alert, Button, Code, Stack, Text } from '@mantine/core'
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { HostKey } from '#domain/host-key.ts'
import classes from './hosts.module.css'

export function KeyList({ keys }: { keys: readonly HostKey[] }) {
  return (
    <ul className={classes['keys']}>
      {keys.map((key) => (
        <li key={key.key}>
          <span className="quiet">{key.type}</span>
          <Code className={classes['print']} data-testid="fingerprint">
            {key.fingerprint}
          </Code>
        </li>
      ))}
    </ul>
  )
}

/** What the host shows, where nobody has to decide. */
export function SeenKeys({ keys, text }: { keys: readonly HostKey[]; text: string }) {
  return (
    <Stack gap="xs" className={classes['panel']}>
      <Text size="sm">{text}</Text>
      <KeyList keys={keys} />
    </Stack>
  )
}

/** An unknown key: compare, then trust it here. */
export function UnknownKey({ keys, onTrust }: { keys: readonly HostKey[]; onTrust: () => void }) {
  const { t } = useTranslation()
  return (
    <Stack gap="xs" className={classes['panel']}>
      <Text size="sm">{t('hosts.key.offered')}</Text>
      <KeyList keys={keys} />
      <Text size="xs" className="quiet mono">
        {t('hosts.key.command')}
      </Text>
      <Button leftSection={<IconShieldCheck size={17} />} onClick={onTrust} data-testid="trust-key">
        {keys.length > 1 ? t('hosts.key.trustAll') : t('hosts.key.trust')}
      </Button>
    </Stack>
  )
}

/** A changed key: both fingerprints, and how to decide. */
export function ChangedKey({ trusted, offered, onReplace }: { trusted: readonly HostKey[]; offered: readonly HostKey[]; onReplace: () => void }) {
  const { t } = useTranslation()
  return (
    <Alert color="red" variant="light" className="tint-bad" title={t('hosts.key.changed')} icon={<IconShieldX size={20} />} data-testid="key-changed">
      <Stack gap="xs">
        <Text size="sm">{t('hosts.key.changedText')}</Text>
        <Text size="xs" fw={600}>
          {t('hosts.key.known')}
        </Text>
        <KeyList keys={trusted} />
        <Text size="xs" fw={600}>
          {t('hosts.key.now')}
        </Text>
        <KeyList keys={offered} />
        <Button color="red" variant="outline" onClick={onReplace}>
          {t('hosts.key.replace')}
        </Button>
      </Stack>
    </Alert>
  )
}

import { Badge, Button } from '@mantine/core'
import { IconKey, IconUsb } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { OperatorKeyView } from '#wire/api/door.ts'
import { Moment } from '../parts/moment.tsx'
import { Fingerprint } from '../host-keys/fingerprint.tsx'
import classes from './account.module.css'

/** What a type is called by people; one of a later version as it is written. */
export function useKeyType(): (type: string) => string {
  const { t } = useTranslation()
  return (type) => {
    if (type.startsWith('sk-')) return t('sshKeys.of.sk')
    if (type.startsWith('ecdsa-')) return t('sshKeys.of.ecdsa')
    return type === 'ssh-ed25519' || type === 'ssh-rsa' ? t(`sshKeys.of.${type}`) : type
  }
}

type Props = { label: string; items: readonly OperatorKeyView[]; onRemove: (key: OperatorKeyView) => void }

export function KeyRows({ label, items, onRemove }: Props) {
  const { t } = useTranslation()
  const typeWords = useKeyType()
  return (
    <ul className={classes['signIns']} aria-label={label}>
      {items.map((key) => {
        const Mark = key.type.startsWith('sk-') ? IconUsb : IconKey
        return (
          <li key={key.id} className={classes['signIn']} data-testid="ssh-key">
            <Mark size={22} stroke={1.6} aria-hidden />
            <div className={classes['who']}>
              <div className={classes['whoHead']}>
                <b data-name>{key.name}</b>
                <Badge variant="light" tt="none" color="gray" title={key.type}>
                  {typeWords(key.type)}
                </Badge>
              </div>
              <div className={classes['print']}>
                <Fingerprint value={key.fingerprint} />
              </div>
              <dl className={classes['lines']}>
                <div>
                  <dt>{t('sshKeys.added')}</dt>
                  <dd>
                    <Moment at={key.createdAt} more={t(`sshKeys.addedBy.${key.addedBy}`)} />
                  </dd>
                </div>
                <div>
                  <dt>{t('sshKeys.lastUsed')}</dt>
                  <dd>
                    <Moment at={key.lastUsedAt} {...(key.lastSource === undefined ? {} : { more: t('sshKeys.from', { source: key.lastSource }) })} />
                    {key.lastSource === undefined ? null : (
                      <>
                        {' '}
                        <span className="quiet">{t('sshKeys.from', { source: key.lastSource })}</span>
                      </>
                    )}
                  </dd>
                </div>
              </dl>
            </div>
            <Button size="compact-sm" variant="default" onClick={() => onRemove(key)} aria-label={t('sshKeys.removeLabel', { name: key.name })}>
              {t('sshKeys.remove')}
            </Button>
          </li>
        )
      })}
    </ul>
  )
}

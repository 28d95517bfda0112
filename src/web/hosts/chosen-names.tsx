import { useTranslation } from 'react-i18next'
import type { ChosenHost } from './bulk-change.ts'
import { mostNames } from './bulk-change.ts'
import classes from './hosts.module.css'

/** The first few by name, and how many more. */
export function ChosenNames({ hosts }: { hosts: readonly Pick<ChosenHost, 'id' | 'name'>[] }) {
  const { t } = useTranslation()
  return (
    <ul className={classes['chosen']} aria-label={t('hosts.title')}>
      {hosts.slice(0, mostNames).map(({ id, name }) => (
        <li key={id} title={name}>
          <bdi>{name}</bdi>
        </li>
      ))}
      {hosts.length > mostNames ? <li className="quiet">{t('hosts.bulk.more', { count: hosts.length - mostNames })}</li> : null}
    </ul>
  )
}

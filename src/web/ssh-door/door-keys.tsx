import { useTranslation } from 'react-i18next'
import type { DoorView } from '#wire/api/door.ts'
import { Fingerprint } from '../host-keys/fingerprint.tsx'
import classes from './ssh-door.module.css'

/** What ssh asks about at the first connection, to be compared. */
export function DoorKeys({ keys }: { keys: DoorView['hostKeys'] }) {
  const { t } = useTranslation()
  return (
    <dl className={classes['prints']}>
      {keys.map(({ type, fingerprint }) => (
        <div key={fingerprint}>
          <dt className="mono" aria-label={t('sshDoor.fingerprintOf', { type })}>
            {type}
          </dt>
          <dd>
            <Fingerprint value={fingerprint} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

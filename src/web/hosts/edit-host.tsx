import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { AccountList } from './account-list.tsx'
import { EditHostKeys } from './edit-host-keys.tsx'
import type { FormField, HostFields } from './host-draft.ts'
import { draftOf, fieldOfFailure, hostFaults, readHost } from './host-draft.ts'
import { HostFieldSet } from './host-fields.tsx'
import classes from './hosts.module.css'
import { renewHosts } from './kept-hosts.ts'
import type { Dirty } from './unsaved.tsx'

type Props = { asset: AssetView; dirty: Dirty; fresh: boolean; onDone: () => void }

export function EditHost({ asset, dirty, fresh, onDone }: Props) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [host, setHost] = useState<HostFields>(() => draftOf(asset))
  const [tried, setTried] = useState(false)
  const save = useMutation({
    mutationFn: () => {
      const { legacyUntil, ...rest } = readHost(host)
      // A day that was not touched keeps its hour.
      return api.assets.update({ id: asset.id, ...rest, ...(host.oldUntil === draftOf(asset).oldUntil ? {} : { legacyUntil }) })
    },
    async onSuccess(saved) {
      dirty.current.delete('host')
      notifications.show({ color: 'green', message: t('hosts.saved', { host: saved.name }) })
      await renewHosts()
      onDone()
    },
  })
  const failure = save.error ? asFailure(save.error) : undefined
  const field = failure ? fieldOfFailure(failure) : undefined
  const refused = (asked: FormField) => (failure && field === asked ? words(failure) : undefined)
  return (
    <form
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (hostFaults(host).size === 0) save.mutate()
      }}
    >
      <div className={classes['columns']}>
        <div className={classes['column']}>
          {failure && field === undefined ? <FailureLine error={failure} /> : null}
          <HostFieldSet
            host={host}
            faults={tried ? hostFaults(host) : new Set()}
            refused={refused}
            self={asset.id}
            onChange={(change) => {
              dirty.current.add('host')
              save.reset()
              setHost((before) => ({ ...before, ...change }))
            }}
          />
        </div>
        <div className={classes['column']}>
          <AccountList asset={asset} dirty={dirty} fresh={fresh} />
          <EditHostKeys asset={asset} />
        </div>
      </div>
      <Group justify="flex-end" gap="xs" className={classes['foot'] ?? ''}>
        <Button variant="default" onClick={onDone}>
          {t('parts.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending} data-testid="host-save">
          {t('parts.save')}
        </Button>
      </Group>
    </form>
  )
}

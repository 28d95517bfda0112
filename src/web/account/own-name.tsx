import { Badge, Button, Group, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { PersonName } from '#wire/api/people.ts'
import { api, meQuery, queries } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import classes from './account.module.css'

export function OwnName() {
  const { t } = useTranslation()
  const words = useFailureWords()
  const me = useMe()
  const [name, setName] = useState(me.name)
  const isBad = !PersonName.safeParse(name).success
  const save = useMutation({
    mutationFn: () => api.account.rename({ name: name.trim() }),
    onSuccess(saved) {
      queries.setQueryData(meQuery.queryKey, saved)
      setName(saved.name)
      notifications.show({ color: 'green', message: t('account.you.saved') })
    },
  })
  const refused = save.error ? asFailure(save.error) : undefined
  return (
    <SectionCard id="you" title={t('account.you.title')}>
      <dl className={classes['facts']}>
        <div>
          <dt>{t('account.you.username')}</dt>
          <dd>
            <bdi>{me.username}</bdi>
          </dd>
        </div>
        <div>
          <dt>{t('account.you.role')}</dt>
          <dd>
            <Badge variant="default" tt="none">
              {t(`frame.me.role.${me.role}`)}
            </Badge>
            {me.mayWatch ? <span className="quiet">{t('account.you.mayWatch')}</span> : null}
          </dd>
        </div>
      </dl>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!isBad && name.trim() !== me.name) save.mutate()
        }}
      >
        {refused && refused.field !== 'name' ? <FailureLine error={refused} /> : null}
        <TextInput
          label={t('account.you.name')}
          name="name"
          autoComplete="name"
          maxLength={120}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value)
            save.reset()
          }}
          error={isBad ? t('account.you.nameBad') : refused?.field === 'name' ? words(refused) : undefined}
          maw={420}
        />
        {name.trim() === me.name ? null : (
          <Group gap="xs" mt="md">
            <Button type="submit" loading={save.isPending} data-testid="save-name">
              {t('parts.save')}
            </Button>
            <Button variant="default" onClick={() => setName(me.name)}>
              {t('parts.cancel')}
            </Button>
          </Group>
        )}
      </form>
    </SectionCard>
  )
}

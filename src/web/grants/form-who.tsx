import { Checkbox, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { grantActions } from '#domain/grant.ts'
import { FileFields } from './form-files.tsx'
import { ForwardFields } from './form-forward.tsx'
import { SentencePart } from './form-part.tsx'
import type { PartProps } from './grant-form.tsx'
import { inOrder } from './grant-words.ts'
import classes from './grants.module.css'
import { PickField } from './pick-field.tsx'

/** Who, and what they may do. */
export function WhoPart(part: PartProps) {
  const { draft, put, wrong } = part
  const { t } = useTranslation()
  return (
    <>
      <SentencePart lead={t('grants.form.who')}>
        <div className={classes['two']}>
          <PickField
            kind="groups"
            label={t('grants.form.groups')}
            none={t('grants.form.groupsNone')}
            value={draft.groups}
            onChange={(groups) => put({ groups })}
            error={wrong('who') ? t('grants.form.bad.who') : undefined}
          />
          <PickField
            kind="people"
            label={t('grants.form.people')}
            none={t('grants.form.peopleNone')}
            value={draft.people}
            onChange={(people) => put({ people })}
          />
        </div>
      </SentencePart>
      <SentencePart lead={t('grants.form.may')}>
        <div role="group" aria-label={t('grants.form.actions')} className={classes['actions']} data-testid="grant-actions">
          {inOrder(grantActions).map((action) => (
            <Checkbox
              key={action}
              size="sm"
              label={t(`grants.actionHelp.${action}`)}
              value={action}
              checked={draft.actions.includes(action)}
              aria-invalid={wrong('actions') || undefined}
              onChange={(event) =>
                put({ actions: event.currentTarget.checked ? inOrder([...draft.actions, action]) : draft.actions.filter((one) => one !== action) })
              }
            />
          ))}
        </div>
        {wrong('actions') ? (
          <Text size="xs" c="var(--bad)" role="alert">
            {t('grants.form.bad.actions')}
          </Text>
        ) : null}
        <FileFields {...part} />
        <ForwardFields {...part} />
      </SentencePart>
    </>
  )
}

// One form in the order of a sentence: who may do what on which hosts as which accounts, when, from where, and what they owe.
import { Button, Group, Text, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { api } from '../api.ts'
import type { Dirty } from '../hosts/unsaved.tsx'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { OwesPart } from './form-owes.tsx'
import { SentencePart } from './form-part.tsx'
import { ScopePart } from './form-scope.tsx'
import { WhenPart } from './form-when.tsx'
import { WhoPart } from './form-who.tsx'
import type { GrantDraft } from './grant-draft.ts'
import { type GrantField, grantFaults, readGrant } from './grant-draft.ts'
import { GrantSentence } from './grant-sentence.tsx'
import classes from './grants.module.css'
import { renewAccess } from './one-grant.ts'

type Props = { id: string | undefined; first: GrantDraft; dirty: Dirty; onDone: () => void }
/** What every part of the form gets. */
export type PartProps = { draft: GrantDraft; put: (change: Partial<GrantDraft>) => void; wrong: (field: GrantField) => boolean }

export function GrantForm({ id, first, dirty, onDone }: Props) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [draft, setDraft] = useState(first)
  const [tried, setTried] = useState(false)
  const [noted, setNoted] = useState(first.note !== '')
  const faults = grantFaults(draft)
  const save = useMutation({
    mutationFn: () => (id === undefined ? api.grants.create(readGrant(draft)) : api.grants.replace({ id, ...readGrant(draft) })),
    async onSuccess(made) {
      dirty.current.clear()
      notifications.show({ color: 'green', message: t('grants.form.saved', { name: made.name }) })
      await renewAccess()
      onDone()
    },
  })
  const put = (change: Partial<GrantDraft>) => {
    dirty.current.add('grant')
    save.reset()
    setDraft((typed) => ({ ...typed, ...change }))
  }
  const part: PartProps = { draft, put, wrong: (field) => tried && faults.has(field) }
  const failure = save.error ? asFailure(save.error) : undefined
  const nameTaken = failure?.code === 'name_taken'
  return (
    <form
      noValidate
      autoComplete="off"
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (faults.size === 0) return save.mutate()
        const form = event.currentTarget
        // What is wrong is brought into sight once it is drawn.
        return void requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
      }}
      // Enter in a field that takes several things is for that field.
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement && event.target.name !== 'grant-name') event.preventDefault()
      }}
    >
      {failure && !nameTaken ? <FailureLine error={failure} /> : null}
      <div className={classes['naming']}>
        <TextInput
          label={t('grants.form.name')}
          description={t('grants.form.nameHelp')}
          name="grant-name"
          maxLength={100}
          data-autofocus
          value={draft.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
          error={part.wrong('name') ? t('grants.form.bad.name') : nameTaken ? words(failure) : undefined}
        />
        {noted ? (
          <Textarea
            label={t('grants.form.note')}
            description={t('grants.form.noteHelp')}
            name="grant-note"
            autosize
            minRows={1}
            maxRows={5}
            maxLength={500}
            value={draft.note}
            onChange={(event) => put({ note: event.currentTarget.value })}
          />
        ) : (
          <Button variant="subtle" size="compact-sm" className={classes['noteAdd'] ?? ''} onClick={() => setNoted(true)}>
            {t('grants.form.noteAdd')}
          </Button>
        )}
      </div>
      <WhoPart {...part} />
      <ScopePart {...part} />
      <WhenPart {...part} />
      <OwesPart {...part} />
      <SentencePart lead="">
        <Text size="xs" className="quiet">
          {t('grants.form.strictest')}
        </Text>
      </SentencePart>
      <div className={classes['foot']}>
        <GrantSentence draft={draft} />
        <Group justify="flex-end" gap="xs" align="center">
          {id === undefined ? null : (
            <Text size="xs" className={`quiet ${classes['saving'] ?? ''}`}>
              {t('grants.form.saving')}
            </Text>
          )}
          <Button variant="default" onClick={onDone}>
            {t('parts.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} data-testid="grant-save">
            {t('parts.save')}
          </Button>
        </Group>
      </div>
    </form>
  )
}

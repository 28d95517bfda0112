import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { api, queries } from '../api.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { CopyLine } from '../second-factor/copy-line.tsx'
import { curlLine, lives, newDraft, scopes, tokenFaults, tokenInput } from './token-draft.ts'

/** Asks what for, what it may and how long; then shows the token this once. */
export function TokenDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const [made, setMade] = useState<{ name: string; token: string }>()
  return (
    <Modal
      opened
      onClose={onClose}
      size={made ? 'lg' : 'md'}
      // What is shown this once is not lost by a click beside.
      closeOnClickOutside={false}
      closeOnEscape={made === undefined}
      title={made ? t('tokens.madeTitle', { name: made.name }) : t('tokens.createTitle')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {made ? (
        <Stack gap="md">
          <Text size="sm" className="quiet" role="status">
            {t('tokens.madeText')}
          </Text>
          <CopyLine label={t('tokens.token')} text={made.token} testId="token-text" />
          <div>
            <Text size="xs" className="quiet" mb={4}>
              {t('tokens.example')}
            </Text>
            <CopyLine label={t('tokens.exampleLabel')} text={curlLine(location.origin, made.token)} testId="token-example" />
          </div>
          <Button onClick={onClose} style={{ alignSelf: 'flex-end' }} data-autofocus data-testid="token-done">
            {t('tokens.done')}
          </Button>
        </Stack>
      ) : (
        <TokenForm onMade={setMade} onClose={onClose} />
      )}
    </Modal>
  )
}

function TokenForm({ onMade, onClose }: { onMade: (made: { name: string; token: string }) => void; onClose: () => void }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [draft, setDraft] = useState(newDraft)
  const [tried, setTried] = useState(false)
  const create = useMutation({
    mutationFn: () => api.tokens.create(tokenInput(draft, Date.now())),
    onSuccess(made) {
      onMade(made)
      void queries.invalidateQueries({ queryKey: ['tokens'] })
    },
  })
  const faults = tried ? tokenFaults(draft) : {}
  const refused = create.error ? asFailure(create.error) : undefined
  const ofName = refused?.code === 'name_taken' || refused?.field === 'name' ? words(refused) : undefined
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (Object.keys(tokenFaults(draft)).length === 0) create.mutate()
      }}
    >
      <Stack gap="md">
        <FailureLine error={ofName === undefined ? create.error : undefined} />
        <TextInput
          label={t('tokens.name')}
          description={t('tokens.nameHelp')}
          name="token-name"
          data-autofocus
          autoComplete="off"
          maxLength={100}
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          error={faults.name ? t('tokens.nameBad') : ofName}
        />
        <Checkbox.Group
          label={t('tokens.scopes')}
          value={[...draft.scopes]}
          onChange={(chosen) => setDraft({ ...draft, scopes: scopes.filter((scope) => chosen.includes(scope)) })}
          error={faults.scopes ? t('tokens.scopeMissing') : undefined}
        >
          <Stack gap="xs" mt={6}>
            {scopes.map((scope) => (
              <Checkbox key={scope} value={scope} label={t(`tokens.scope.${scope}`)} description={t(`tokens.scopeHelp.${scope}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <NativeSelect
          label={t('tokens.life')}
          name="token-life"
          value={String(draft.days)}
          data={lives.map((days) => ({
            value: String(days),
            label: days === 0 ? t('tokens.forever') : days === 365 ? t('tokens.year') : t('tokens.days', { count: days }),
          }))}
          onChange={(event) => setDraft({ ...draft, days: Number(event.currentTarget.value) })}
        />
        {draft.days === 0 ? (
          <Alert color="yellow" variant="light" py="xs" icon={<IconAlertTriangle size={18} />} role="status">
            {t('tokens.foreverWarning')}
          </Alert>
        ) : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending} data-testid="token-make">
            {t('tokens.createDo')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

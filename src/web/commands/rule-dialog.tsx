import { Button, Group, Input, Modal, SegmentedControl, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { matchesRule } from '#domain/command-rule.ts'
import { api } from '../api.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import classes from './commands.module.css'
import { type Draft, examples, ruleFaults } from './rule-draft.ts'

/** One rule, new or changed, with a line that tries it before it holds. */
export function RuleDialog({ draft: first, onClose, onSaved }: { draft: Draft; onClose: () => void; onSaved: () => void }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [draft, setDraft] = useState(first)
  const [sample, setSample] = useState('')
  const [tried, setTried] = useState(false)
  const save = useMutation({
    mutationFn: ({ id, ...rule }: Draft) => (id === undefined ? api.commandRules.create(rule) : api.commandRules.replace({ id, ...rule })),
    onSuccess() {
      notifications.show({ color: 'green', message: t('commands.rules.saved') })
      onSaved()
      onClose()
    },
  })
  const faults = tried ? ruleFaults(draft) : {}
  const refused = save.error ? asFailure(save.error) : undefined
  const beside = (field: 'name' | 'pattern') => (refused?.field === field || (field === 'name' && refused?.code === 'name_taken') ? words(refused) : undefined)
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const fits = sample !== '' && draft.pattern !== '' && matchesRule(draft, sample)
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={first.id === undefined ? t('commands.rules.newTitle') : t('commands.rules.editTitle', { name: first.name })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (Object.keys(ruleFaults(draft)).length === 0) save.mutate({ ...draft, name: draft.name.trim() })
        }}
      >
        <Stack gap="md">
          <FailureLine error={beside('name') === undefined && beside('pattern') === undefined ? save.error : undefined} />
          <TextInput
            label={t('commands.rules.name')}
            name="rule-name"
            data-autofocus
            autoComplete="off"
            maxLength={100}
            value={draft.name}
            onChange={(event) => put({ name: event.currentTarget.value })}
            error={faults.name ? t('commands.rules.nameBad') : beside('name')}
          />
          <Choice
            label={t('commands.rules.effectLabel')}
            help={t(`commands.rules.effectHelp.${draft.effect}`)}
            data={(['notice', 'deny'] as const).map((value) => ({ value, label: t(`commands.rules.effect.${value}`) }))}
            value={draft.effect}
            onChange={(effect) => put({ effect })}
          />
          <Choice
            label={t('commands.rules.matchLabel')}
            help={t(`commands.rules.matchHelp.${draft.match}`)}
            data={(['pattern', 'exact'] as const).map((value) => ({ value, label: t(`commands.rules.match.${value}`) }))}
            value={draft.match}
            onChange={(match) => put({ match })}
          />
          <TextInput
            label={t('commands.rules.pattern')}
            name="rule-pattern"
            autoComplete="off"
            spellCheck={false}
            maxLength={500}
            classNames={{ input: 'mono' }}
            placeholder={examples[draft.match]}
            value={draft.pattern}
            onChange={(event) => put({ pattern: event.currentTarget.value })}
            error={faults.pattern ? t('commands.rules.patternBad') : beside('pattern')}
          />
          <div>
            <TextInput
              label={t('commands.rules.tryRule')}
              description={t('commands.rules.tryHelp')}
              name="rule-sample"
              autoComplete="off"
              spellCheck={false}
              maxLength={2000}
              classNames={{ input: 'mono' }}
              value={sample}
              onChange={(event) => setSample(event.currentTarget.value)}
            />
            <p className={classes['verdict']} role="status" data-testid="sample-verdict">
              {sample === '' || draft.pattern === '' ? null : (
                <StateWord tone={fits ? 'live' : 'calm'}>{fits ? t('commands.rules.tryFits') : t('commands.rules.tryFitsNot')}</StateWord>
              )}
            </p>
          </div>
          <Textarea
            label={t('commands.rules.note')}
            description={t('commands.rules.noteHelp')}
            name="rule-note"
            autosize
            minRows={1}
            maxRows={4}
            maxLength={500}
            value={draft.note}
            onChange={(event) => put({ note: event.currentTarget.value })}
          />
          <Switch
            label={t('commands.rules.enabled')}
            checked={draft.enabled}
            onChange={(event) => put({ enabled: event.currentTarget.checked })}
            withThumbIndicator={false}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="save-rule">
              {t('commands.rules.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

type ChoiceProps<Value extends string> = {
  label: string
  help: string
  data: { value: Value; label: string }[]
  value: Value
  onChange: (value: Value) => void
}

function Choice<Value extends string>({ label, help, data, value, onChange }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <Input.Wrapper label={label} labelElement="div" labelProps={{ id }}>
      <SegmentedControl mt={4} fullWidth aria-labelledby={id} data={data} value={value} onChange={(chosen) => onChange(chosen as Value)} />
      <Text size="xs" className="quiet" mt={4}>
        {help}
      </Text>
    </Input.Wrapper>
  )
}

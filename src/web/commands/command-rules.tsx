import { Alert, Button, Group, Skeleton, Switch, Text, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconInfoCircle, IconPlus, IconRuler2 } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { effectOf, matchesRule } from '#domain/command-rule.ts'
import type { CommandRuleView } from '#wire/api/audit.ts'
import { api, queries } from '../api.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace, notifyFailure } from '../parts/failure-notice.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import classes from './commands.module.css'
import { type Draft, draftOf, newRule } from './rule-draft.ts'

const RuleDialog = lazy(async () => ({ default: (await import('./rule-dialog.tsx')).RuleDialog }))
const renew = () => queries.invalidateQueries({ queryKey: ['command-rules'] })

export function CommandRules() {
  const { t } = useTranslation()
  const [open, setOpen] = useState<Draft>()
  const [tried, setTried] = useState('')
  const answer = useQuery({ queryKey: ['command-rules'], queryFn: ({ signal }) => api.commandRules.list(undefined, { signal }) })
  const turn = useMutation({
    mutationFn: ({ createdAt: _made, ...rule }: CommandRuleView) => api.commandRules.replace({ ...rule, enabled: !rule.enabled }),
    onError: notifyFailure,
    onSettled: renew,
  })
  const remove = useMutation({
    mutationFn: (id: string) => api.commandRules.remove({ id }),
    onSuccess: () => void notifications.show({ color: 'green', message: t('commands.rules.removed') }),
    // It is gone already: that is what was wanted.
    onError: (error) => (['not_found', 'rule_not_found'].includes(asFailure(error).code) ? undefined : notifyFailure(error)),
    onSettled: renew,
  })
  const ask = ({ id, name }: CommandRuleView) =>
    modals.openConfirmModal({
      title: t('commands.rules.removeTitle', { name }),
      children: t('commands.rules.removeText'),
      labels: { confirm: t('commands.rules.remove'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(id),
    })
  const items = answer.data?.items
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen(newRule)} data-testid="add-rule">
      {t('commands.rules.add')}
    </Button>
  )
  if (!items && answer.error) return <FailurePlace error={answer.error} retry={() => void answer.refetch()} />
  return (
    <div className={classes['rules']}>
      <Alert color="tide" variant="light" className="tint-note" icon={<IconInfoCircle size={18} />}>
        {t('commands.rules.limits')}
      </Alert>
      {items && items.length > 0 ? <TryLine rules={items} value={tried} onChange={setTried} /> : null}
      <SectionCard id="rules" title={t('commands.rules.title')} text={t('commands.rules.text')} acts={items && items.length > 0 ? add : undefined}>
        {items === undefined ? (
          <Skeleton height={140} aria-label={t('parts.loading')} />
        ) : items.length === 0 ? (
          <EmptyPlace icon={IconRuler2} title={t('commands.rules.none.title')} text={t('commands.rules.none.text')}>
            {add}
          </EmptyPlace>
        ) : (
          <ul className={classes['list']} aria-label={t('commands.rules.title')}>
            {items.map((rule) => (
              <RuleRow
                key={rule.id}
                rule={rule}
                speaks={tried.trim() !== '' && rule.enabled && matchesRule(rule, tried)}
                onTurn={() => turn.mutate(rule)}
                onEdit={() => setOpen(draftOf(rule))}
                onRemove={() => ask(rule)}
              />
            ))}
          </ul>
        )}
      </SectionCard>
      <Suspense fallback={null}>{open ? <RuleDialog draft={open} onClose={() => setOpen(undefined)} onSaved={() => void renew()} /> : null}</Suspense>
    </div>
  )
}

/** What the rules say about a command, without running it. */
function TryLine({ rules, value, onChange }: { rules: readonly CommandRuleView[]; value: string; onChange: (text: string) => void }) {
  const { t } = useTranslation()
  const spoken = value.trim() === '' ? undefined : effectOf(rules, value, { kind: 'exec', hasIntegration: false })
  return (
    <div>
      <TextInput
        label={t('commands.rules.tryLabel')}
        description={t('commands.rules.tryHelp')}
        name="try-command"
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        classNames={{ input: 'mono' }}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p className={classes['verdict']} role="status" data-testid="try-verdict">
        {value.trim() === '' ? null : spoken === undefined ? (
          <StateWord tone="calm">{t('commands.rules.tryNone')}</StateWord>
        ) : spoken.effect === 'deny' ? (
          <>
            <StateWord tone="bad">{t('commands.rules.tryDeny', { name: spoken.rule })}</StateWord>{' '}
            <span className="quiet">{t('commands.rules.tryTerminal')}</span>
          </>
        ) : (
          <StateWord tone="warn">{t('commands.rules.tryNotice', { name: spoken.rule })}</StateWord>
        )}
      </p>
    </div>
  )
}

type RowProps = { rule: CommandRuleView; speaks: boolean; onTurn: () => void; onEdit: () => void; onRemove: () => void }

function RuleRow({ rule, speaks, onTurn, onEdit, onRemove }: RowProps) {
  const { t } = useTranslation()
  const { name } = rule
  return (
    <li className={classes['rule']} data-off={!rule.enabled || undefined} data-speaks={speaks || undefined} data-testid="command-rule">
      <Switch mt={2} checked={rule.enabled} onChange={onTurn} aria-label={t('commands.rules.enabledLabel', { name })} withThumbIndicator={false} />
      <div className={classes['ruleBody']}>
        <div className={classes['ruleHead']}>
          <b data-name>{name}</b>
          <StateWord tone={rule.enabled ? (rule.effect === 'deny' ? 'bad' : 'warn') : 'calm'}>{t(`commands.rules.effect.${rule.effect}`)}</StateWord>
          {rule.enabled ? null : <span className="quiet">{t('commands.rules.off')}</span>}
        </div>
        <code className={classes['pattern']} title={t(`commands.rules.match.${rule.match}`)}>
          {rule.pattern}
        </code>
        <Text size="xs" className="quiet">
          {t(`commands.rules.match.${rule.match}`)}
          {rule.note === '' ? null : (
            <>
              {' · '}
              <bdi>{rule.note}</bdi>
            </>
          )}
        </Text>
      </div>
      <Group gap={6} wrap="nowrap">
        <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={t('commands.rules.editLabel', { name })}>
          {t('commands.rules.edit')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={onRemove} aria-label={t('commands.rules.removeLabel', { name })}>
          {t('commands.rules.remove')}
        </Button>
      </Group>
    </li>
  )
}

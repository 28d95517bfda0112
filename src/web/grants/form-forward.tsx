import { Alert, Checkbox } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { notForward } from './grant-draft.ts'
import type { PartProps } from './grant-form.tsx'
import { TextListField } from './text-list-field.tsx'

/** Where connections may go on to, once forwarding is permitted at all, and whether an agent may come along. */
export function ForwardFields({ draft, put }: PartProps) {
  const { t } = useTranslation()
  const bad = notForward(draft)
  return (
    <>
      {draft.actions.includes('forward') ? (
        <TextListField
          label={t('grants.form.forwardTo')}
          description={t('grants.form.forwardToHelp')}
          value={draft.forwardTo}
          onChange={(forwardTo) => put({ forwardTo })}
          most={50}
          longest={300}
          // Said at once, beside what was typed.
          error={bad === undefined ? undefined : t('grants.form.bad.forwardTo', { name: bad })}
          testId="grant-forward-to"
        />
      ) : null}
      <Checkbox
        size="sm"
        label={t('grants.form.forwardAgent')}
        description={t('grants.form.forwardAgentHelp')}
        checked={draft.forwardAgent}
        onChange={(event) => put({ forwardAgent: event.currentTarget.checked })}
        data-testid="grant-forward-agent"
      />
      {draft.forwardAgent ? (
        <Alert color="yellow" variant="light" py="xs" icon={<IconAlertTriangle size={18} />} role="status">
          {t('grants.form.forwardAgentWarning')}
        </Alert>
      ) : null}
    </>
  )
}

import { Chip, Group, Text } from '@mantine/core'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'

type Kind = 'password' | 'key' | 'generate' | 'credential' | 'ask'
type Props<Value extends Kind> = { kinds: readonly Value[]; value: Value; onChange: (kind: Value) => void }

/** With what a login signs in; wraps where room is short. */
export function KindChoice<Value extends Kind>({ kinds, value, onChange }: Props<Value>) {
  const { t } = useTranslation()
  const label = useId()
  return (
    <div>
      <Text size="sm" fw={600} id={label} mb={6}>
        {t('hosts.form.sign')}
      </Text>
      <Chip.Group
        value={value}
        onChange={(chosen) => {
          const kind = kinds.find((one) => one === chosen)
          if (kind) onChange(kind)
        }}
      >
        <Group gap={6} role="radiogroup" aria-labelledby={label} data-testid="auth-kinds">
          {kinds.map((kind: Kind) => (
            <Chip key={kind} value={kind} size="xs" variant="light">
              {t(`hosts.form.auth.${kind}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </div>
  )
}

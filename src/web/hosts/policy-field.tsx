import { Radio, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { HostKeyPolicy } from '#domain/host-key.ts'

/** What is done about a key that is not trusted yet, each with a sentence that says what it means. */
export function PolicyField({ value, onChange, error }: { value: HostKeyPolicy; onChange: (policy: HostKeyPolicy) => void; error?: string | undefined }) {
  const { t } = useTranslation()
  return (
    <Radio.Group
      label={t('hosts.policy.label')}
      value={value}
      error={error}
      onChange={(chosen) => {
        const policy = HostKeyPolicy.safeParse(chosen)
        if (policy.success) onChange(policy.data)
      }}
    >
      <Stack gap={8} mt={6}>
        {HostKeyPolicy.options.map((policy) => (
          <Radio key={policy} value={policy} label={t(`hosts.policy.${policy}`)} description={t(`hosts.policy.${policy}Text`)} name="host-policy" />
        ))}
      </Stack>
    </Radio.Group>
  )
}

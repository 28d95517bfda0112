import { Alert, Anchor, Checkbox, Group } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Role } from '#domain/operator.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { SettingRow } from './setting-row.tsx'
import type { Section } from './use-section.ts'

/** Whose roles must have a second factor. Whoever chooses their own without having one is told before. */
export function SecondFactorField({ section }: { section: Section }) {
  const { t } = useTranslation()
  const me = useMe()
  const own = useQuery({ queryKey: ['second-factor'], queryFn: ({ signal }) => api.secondFactor.get(undefined, { signal }) })
  const chosen = section.value('secondFactorFor')
  const label = t('settings.signIn.secondFactor')
  return (
    <SettingRow name="secondFactorFor" label={label} section={section}>
      <Checkbox.Group
        label={label}
        description={t('settings.signIn.secondFactorHelp')}
        value={[...chosen]}
        onChange={(next) =>
          section.set(
            'secondFactorFor',
            Role.options.filter((role) => next.includes(role)),
          )
        }
        error={section.faultOf('secondFactorFor')}
      >
        <Group gap="lg" mt={8}>
          {Role.options.map((role) => (
            <Checkbox key={role} value={role} label={t(`frame.me.role.${role}`)} name={`second-factor-${role}`} />
          ))}
        </Group>
      </Checkbox.Group>
      {chosen.includes(me.role) && own.data?.set === false ? (
        <Alert color="yellow" variant="light" py="xs" mt="sm" icon={<IconAlertTriangle size={18} />} role="status" data-testid="own-factor-missing">
          {t('settings.signIn.ownMissing')}{' '}
          <Anchor component={Link} to="/account" inherit>
            {t('settings.signIn.ownSetUp')}
          </Anchor>
        </Alert>
      ) : null}
    </SettingRow>
  )
}

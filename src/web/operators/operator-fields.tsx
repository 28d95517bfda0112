// What the forms of a new and of a known person share.
import { Checkbox, Radio } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Role } from '#domain/operator.ts'
import type { Picked } from '../grants/grant-draft.ts'
import { PickField } from '../grants/pick-field.tsx'
import classes from './operators.module.css'

const roles = ['member', 'auditor', 'admin'] as const

type RoleProps = {
  role: Role
  mayWatch: boolean
  onChange: (change: { role?: Role; mayWatch?: boolean }) => void
  /** Why neither can be changed. */
  why?: string | undefined
}

export function RoleFields({ role, mayWatch, onChange, why }: RoleProps) {
  const { t } = useTranslation()
  return (
    <div>
      <Radio.Group
        label={t('operators.form.role')}
        description={why}
        value={role}
        onChange={(value) => onChange({ role: roles.find((one) => one === value) ?? 'member' })}
        data-testid="operator-role"
      >
        <div className={classes['roles']}>
          {roles.map((one) => (
            <Radio
              key={one}
              value={one}
              size="sm"
              label={t(`operators.role.${one}`)}
              description={t(`operators.role.${one}Text`)}
              disabled={why !== undefined && one !== role}
            />
          ))}
        </div>
      </Radio.Group>
      {role === 'admin' ? (
        <Checkbox
          mt={14}
          size="sm"
          label={t('operators.form.mayWatch')}
          description={t('operators.form.mayWatchHelp')}
          checked={mayWatch}
          disabled={why !== undefined}
          onChange={(event) => onChange({ mayWatch: event.currentTarget.checked })}
        />
      ) : null}
    </div>
  )
}

export function GroupsField({ value, onChange }: { value: readonly Picked[]; onChange: (groups: Picked[]) => void }) {
  const { t } = useTranslation()
  return (
    <PickField
      kind="groups"
      label={t('operators.form.groups')}
      description={t('operators.form.groupsHelp')}
      none={t('operators.form.groupsNone')}
      value={value}
      onChange={onChange}
    />
  )
}

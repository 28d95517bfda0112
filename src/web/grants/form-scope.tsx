import { Radio } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { TagsField } from '../hosts/tags-field.tsx'
import { SentencePart } from './form-part.tsx'
import type { PartProps } from './grant-form.tsx'
import classes from './grants.module.css'
import { PickField } from './pick-field.tsx'
import { TextListField } from './text-list-field.tsx'

/** On which hosts, and as which accounts. */
export function ScopePart({ draft, put, wrong }: PartProps) {
  const { t } = useTranslation()
  return (
    <>
      <SentencePart lead={t('grants.form.on')}>
        <Radio.Group
          aria-label={t('grants.form.hosts')}
          value={draft.allHosts ? 'all' : 'some'}
          onChange={(value) => put({ allHosts: value === 'all' })}
          data-testid="grant-scope"
        >
          <div className={classes['choices']}>
            <Radio value="some" size="sm" label={t('grants.form.someHosts')} />
            <Radio value="all" size="sm" label={t('grants.form.allHosts')} description={draft.allHosts ? t('grants.form.allHostsText') : undefined} />
          </div>
        </Radio.Group>
        {draft.allHosts ? null : (
          <div className={classes['two']}>
            <PickField
              kind="hosts"
              label={t('grants.form.hosts')}
              none={t('grants.form.hostsNone')}
              value={draft.hosts}
              onChange={(hosts) => put({ hosts })}
              error={wrong('hosts') ? t('grants.form.bad.hosts') : undefined}
            />
            <TagsField
              label={t('grants.form.tags')}
              value={draft.tags}
              onChange={(tags) => put({ tags })}
              error={wrong('tags') ? t('grants.form.bad.tags') : undefined}
            />
          </div>
        )}
      </SentencePart>
      <SentencePart lead={t('grants.form.as')}>
        <Radio.Group
          aria-label={t('grants.form.accounts')}
          value={draft.anyAccount ? 'all' : 'some'}
          onChange={(value) => put({ anyAccount: value === 'all' })}
          data-testid="grant-any-account"
        >
          <div className={classes['choices']}>
            <Radio value="all" size="sm" label={t('grants.form.anyAccount')} />
            <Radio value="some" size="sm" label={t('grants.form.someAccounts')} />
          </div>
        </Radio.Group>
        {draft.anyAccount ? null : (
          <TextListField
            label={t('grants.form.accounts')}
            description={t('grants.form.accountsHelp')}
            value={draft.accounts}
            onChange={(accounts) => put({ accounts })}
            most={200}
            error={wrong('accounts') ? t('grants.form.bad.accounts') : undefined}
            testId="grant-accounts"
          />
        )}
      </SentencePart>
    </>
  )
}

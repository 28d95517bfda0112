import { Radio, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Network } from '#domain/network.ts'
import { SentencePart } from './form-part.tsx'
import { ownTimeZone } from './grant-draft.ts'
import type { PartProps } from './grant-form.tsx'
import classes from './grants.module.css'
import { HoursField } from './hours-field.tsx'
import { TextListField } from './text-list-field.tsx'

/** Tab goes through the parts of the field and then on, as the browser does it; the dialog's own Tab would come too late and jump back. */
const leaveTabAlone = (event: React.KeyboardEvent) => {
  if (event.key === 'Tab') event.stopPropagation()
}

/** When, and from where. */
export function WhenPart({ draft, put, wrong }: PartProps) {
  const { t } = useTranslation()
  const [limited, setLimited] = useState(draft.from !== '' || draft.until !== '' || draft.spans.length > 0)
  const notNetwork = draft.sources.find((text) => !Network.safeParse(text).success)
  return (
    <>
      <SentencePart lead={t('grants.form.when')}>
        <Radio.Group
          aria-label={t('grants.form.when')}
          value={limited ? 'limited' : 'always'}
          onChange={(value) => {
            setLimited(value === 'limited')
            if (value === 'always') put({ from: '', until: '', spans: [] })
          }}
          data-testid="grant-when"
        >
          <div className={classes['choices']}>
            <Radio value="always" size="sm" label={t('grants.form.always')} />
            <Radio value="limited" size="sm" label={t('grants.form.limited')} />
          </div>
        </Radio.Group>
        {limited ? (
          <>
            <HoursField
              spans={draft.spans}
              timeZone={draft.timeZone}
              onChange={put}
              error={wrong('hours') ? t('grants.form.bad.hours') : undefined}
              zoneError={wrong('zone') ? t('grants.form.bad.zone') : undefined}
            />
            <div className={classes['two']}>
              <TextInput
                type="datetime-local"
                label={t('grants.form.from')}
                description={t('grants.form.localZone', { zone: ownTimeZone() })}
                name="grant-from"
                max="9999-12-31T23:59"
                onKeyDown={leaveTabAlone}
                value={draft.from}
                onChange={(event) => put({ from: event.currentTarget.value })}
              />
              <TextInput
                type="datetime-local"
                label={t('grants.form.until')}
                description={t('grants.form.localZone', { zone: ownTimeZone() })}
                name="grant-until"
                max="9999-12-31T23:59"
                onKeyDown={leaveTabAlone}
                value={draft.until}
                onChange={(event) => put({ until: event.currentTarget.value })}
                error={wrong('until') ? t('grants.form.bad.until') : undefined}
              />
            </div>
          </>
        ) : null}
      </SentencePart>
      <SentencePart lead={t('grants.form.where')}>
        <TextListField
          label={t('grants.form.sources')}
          description={t('grants.form.sourcesHelp')}
          value={draft.sources}
          onChange={(sources) => put({ sources })}
          most={50}
          // Said at once: what is no network would be looked for at the end of the form.
          error={notNetwork === undefined ? undefined : t('grants.form.bad.sources', { name: notNetwork })}
          testId="grant-sources"
        />
      </SentencePart>
    </>
  )
}

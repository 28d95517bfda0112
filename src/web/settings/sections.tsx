// One component for each section of the page.
import { Input, SegmentedControl } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { SettingsView } from '#wire/api/settings.ts'
import { SignInNotice } from '../sign-in/sign-in-notice.tsx'
import { CountField } from './count-field.tsx'
import { DiskUse } from './disk-use.tsx'
import { DurationField } from './duration-field.tsx'
import { NoticeField } from './notice-field.tsx'
import { SecondFactorField } from './second-factor-field.tsx'
import { SectionForm } from './section-form.tsx'
import { SettingRow } from './setting-row.tsx'
import classes from './settings.module.css'
import { useSection } from './use-section.ts'

type Props = { view: SettingsView }

export function SessionsSection({ view }: Props) {
  const { t } = useTranslation()
  const label = useId()
  const title = t('settings.sessions.title')
  const section = useSection(view, title)
  return (
    <SectionForm id="sessions" title={title} text={t('settings.sessions.text')} section={section}>
      <DurationField
        name="idleSeconds"
        label={t('settings.sessions.idle')}
        help={t('settings.sessions.idleHelp')}
        section={section}
        units={['seconds', 'minutes', 'hours', 'days']}
      />
      <SettingRow name="idleOn" label={t('settings.sessions.idleOn')} section={section}>
        <Input.Wrapper label={t('settings.sessions.idleOn')} description={t('settings.sessions.idleOnHelp')} labelElement="div" labelProps={{ id: label }}>
          <SegmentedControl
            mt={6}
            fullWidth
            className={classes['choice'] ?? ''}
            aria-labelledby={label}
            data={(['both', 'input'] as const).map((value) => ({ value, label: t(`settings.sessions.${value}`) }))}
            value={section.value('idleOn')}
            onChange={(chosen) => section.set('idleOn', chosen === 'input' ? 'input' : 'both')}
            classNames={{ label: classes['choiceLabel'] ?? '' }}
          />
        </Input.Wrapper>
      </SettingRow>
      <DurationField
        name="maxSeconds"
        label={t('settings.sessions.max')}
        help={t('settings.sessions.maxHelp')}
        section={section}
        units={['minutes', 'hours', 'days']}
        none={t('settings.sessions.unlimited')}
        usual={8 * 3600}
      />
      <DurationField
        name="graceSeconds"
        label={t('settings.sessions.grace')}
        help={t('settings.sessions.graceHelp')}
        section={section}
        units={['seconds', 'minutes', 'hours']}
      />
      <CountField name="sessionsPerOperator" label={t('settings.sessions.perPerson')} help={t('settings.sessions.perPersonHelp')} section={section} />
    </SectionForm>
  )
}

export function RecordingsSection({ view }: Props) {
  const { t } = useTranslation()
  const title = t('settings.recordings.title')
  const section = useSection(view, title)
  const days = section.value('retentionDays')
  const before = view.values.retentionDays
  const removesSome = days > 0 && (before === 0 || days < before)
  const submit = () => {
    if (!section.changed.includes('retentionDays') || !removesSome) return section.submit()
    modals.openConfirmModal({
      title: t('settings.recordings.retention'),
      children: t('settings.recordings.shrink', { days: t('settings.amount.days', { count: days }) }),
      labels: { confirm: t('settings.recordings.shrinkConfirm'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: section.submit,
    })
  }
  return (
    <SectionForm id="recordings" title={title} text={t('settings.recordings.text')} section={section} onSubmit={submit}>
      <DiskUse />
      <CountField
        name="retentionDays"
        label={t('settings.recordings.retention')}
        help={t('settings.recordings.retentionHelp')}
        section={section}
        unit={t('settings.unit.days')}
        none={t('settings.recordings.forever')}
        usual={365}
      />
      <NoticeField name="recordingNotice" label={t('settings.recordings.notice')} help={t('settings.recordings.noticeHelp')} section={section} most={500} />
    </SectionForm>
  )
}

export function SignInSection({ view }: Props) {
  const { t } = useTranslation()
  const title = t('settings.signIn.title')
  const section = useSection(view, title)
  const text = section.value('signInNotice')
  return (
    <SectionForm id="sign-in" title={title} text={t('settings.signIn.text')} section={section}>
      <SecondFactorField section={section} />
      <NoticeField name="signInNotice" label={t('settings.signIn.notice')} help={t('settings.signIn.noticeHelp')} section={section} most={2000} />
      {text.trim() === '' ? null : (
        <Input.Wrapper label={t('settings.signIn.preview')} labelElement="div">
          <div className={classes['preview']}>
            <div>
              <SignInNotice text={text} />
            </div>
          </div>
        </Input.Wrapper>
      )}
    </SectionForm>
  )
}

export function HostsSection({ view }: Props) {
  const { t } = useTranslation()
  const title = t('settings.hosts.title')
  const section = useSection(view, title)
  return (
    <SectionForm id="hosts" title={title} text={t('settings.hosts.text')} section={section}>
      <DurationField
        name="reachEverySeconds"
        label={t('settings.hosts.reach')}
        help={t('settings.hosts.reachHelp')}
        section={section}
        units={['seconds', 'minutes', 'hours']}
        none={t('settings.hosts.never')}
        usual={300}
      />
    </SectionForm>
  )
}

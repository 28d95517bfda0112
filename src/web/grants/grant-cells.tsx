// What the list of grants shows of each.
import { Text, Tooltip } from '@mantine/core'
import { IconArrowsExchange, IconDownload, IconPrompt, IconServer, IconTag, IconTerminal2, IconUpload, IconUser, IconUsersGroup } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { GrantView } from '#wire/api/access.ts'
import { StateWord, type Tone } from '../parts/state-dot.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { dutyChips, fileWords, inOrder, listed, whenWords } from './grant-words.ts'
import classes from './grants.module.css'

type Row = { row: GrantView }
const mostShown = 3

export function GrantName({ row }: Row) {
  return (
    <div className={classes['name']}>
      <Text fw={600} size="sm" title={row.name} className={classes['clamped']}>
        <bdi>{row.name}</bdi>
      </Text>
      {row.note === '' ? null : (
        <Text size="xs" className={`quiet ${classes['one'] ?? ''}`} title={row.note}>
          <bdi>{row.note}</bdi>
        </Text>
      )}
    </div>
  )
}

const tones: Record<GrantView['state'], Tone> = { active: 'live', not_yet: 'calm', outside_hours: 'calm', over: 'warn', empty: 'warn' }
export function GrantState({ row }: Row) {
  const { t } = useTranslation()
  return (
    <Tooltip label={t(`grants.stateText.${row.state}`)}>
      <span data-state={row.state} className={classes['state']}>
        <StateWord tone={tones[row.state]}>{t(`grants.state.${row.state}`)}</StateWord>
      </span>
    </Tooltip>
  )
}

type Line = { key: string; name: string; icon: typeof IconUser; note?: string | undefined }
/** The first names, one to a line; the rest is counted and told on hover. */
function Lines({ lines }: { lines: readonly Line[] }) {
  const { t } = useTranslation()
  const rest = lines.slice(lines.length > mostShown ? mostShown - 1 : mostShown)
  const shown = lines.slice(0, lines.length - rest.length)
  return (
    <ul className={classes['lines']}>
      {shown.map(({ key, name, icon: Mark, note }) => (
        <li key={key} title={note === undefined ? name : `${name} (${note})`}>
          <Mark size={14} stroke={1.7} aria-hidden />
          <bdi>{name}</bdi>
        </li>
      ))}
      {rest.length > 0 ? (
        <li className="quiet" title={rest.map(({ name }) => name).join('\n')}>
          {t('grants.more', { count: rest.length })}
        </li>
      ) : null}
    </ul>
  )
}

export function GrantWho({ row }: Row) {
  const lines = [
    ...row.groups.map(({ id, name }) => ({ key: id, name, icon: IconUsersGroup })),
    ...row.operators.map(({ id, name, username }) => ({ key: id, name, icon: IconUser, note: username })),
  ]
  return lines.length === 0 ? <span className="quiet">–</span> : <Lines lines={lines} />
}

export function GrantWhere({ row }: Row) {
  const { t } = useTranslation()
  const lines =
    row.assets === 'all'
      ? [{ key: 'all', name: t('grants.form.allHosts'), icon: IconServer }]
      : [
          ...row.tags.map((tag) => ({ key: `tag ${tag}`, name: tag, icon: IconTag })),
          ...row.assets.map(({ id, name }) => ({ key: id, name, icon: IconServer })),
        ]
  return lines.length === 0 ? <span className="quiet">–</span> : <Lines lines={lines} />
}

const marks = { shell: IconTerminal2, exec: IconPrompt, upload: IconUpload, download: IconDownload, forward: IconArrowsExchange } as const

export function GrantMay({ row }: Row) {
  const { t } = useTranslation()
  const language = useLanguage()
  const { accounts } = row
  const names = accounts === 'all' ? t('grants.say.anyAccount') : listed(accounts, language, 'disjunction')
  const files = fileWords(row, { t, language }).join(' · ')
  return (
    <div className={classes['may']}>
      <ul className={classes['marks']}>
        {inOrder(row.actions).map((action) => {
          const Mark = marks[action]
          return (
            <li key={action} title={t(`grants.actionHelp.${action}`)}>
              <Mark size={17} stroke={1.7} aria-hidden />
              <span className="visually-hidden">{t(`grants.action.${action}`)}</span>
            </li>
          )
        })}
      </ul>
      <span className={`quiet ${classes['one'] ?? ''}`} title={names}>
        {t('grants.form.as')} <bdi className={accounts === 'all' ? undefined : 'mono'}>{names}</bdi>
      </span>
      {files === '' ? null : (
        <span className={`quiet ${classes['one'] ?? ''}`} title={files}>
          {t('grants.files')} <bdi>{files}</bdi>
        </span>
      )}
    </div>
  )
}

export function GrantWhen({ row }: Row) {
  const { t } = useTranslation()
  const language = useLanguage()
  const words = whenWords(row, { t, language })
  if (words.length === 0) return <span className="quiet">{t('grants.when.always')}</span>
  return (
    <ul className={classes['conditions']}>
      {words.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

/** Small chips; recording is usual and says nothing. */
export function GrantDuties({ duties }: { duties: Parameters<typeof dutyChips>[0] }) {
  const { t } = useTranslation()
  const chips = dutyChips(duties, t)
  if (chips.length === 0)
    return (
      <span className="quiet" title={t('grants.duty.mustText')}>
        {t('grants.duty.none')}
      </span>
    )
  return (
    <ul className={classes['chips']}>
      {chips.map(({ key, words }) => (
        <li key={key} data-duty={key}>
          {words}
        </li>
      ))}
    </ul>
  )
}

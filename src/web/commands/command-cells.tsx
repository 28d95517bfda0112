// What one command shows, in the list and beside a recording.
import { Text, Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CommandView } from '#wire/api/audit.ts'
import { hostText } from '../parts/format.ts'
import { StateWord } from '../parts/state-dot.tsx'
import classes from './commands.module.css'

/** As much as a list shows; the recording and the CSV have the rest. */
const longestShown = 2000

/** The command as the host showed it. It came from a host: no sign in it may rearrange the page. */
export function CommandText({ row }: { row: Pick<CommandView, 'text' | 'how' | 'folder'> }) {
  const { t } = useTranslation()
  if (row.how === 'hidden')
    return (
      <Text size="sm" className="quiet" fs="italic" span>
        {t('commands.hidden')}
      </Text>
    )
  const text = hostText(row.text, longestShown)
  return (
    <>
      {text === '' ? (
        <Text size="sm" className="quiet" span>
          {t('commands.empty')}
        </Text>
      ) : (
        <code className={classes['command']} title={text} dir="ltr">
          {text}
        </code>
      )}
      {row.folder === undefined ? null : (
        <span className={classes['folder']} dir="ltr">
          {hostText(row.folder, 300)}
        </span>
      )}
    </>
  )
}

export function ExitState({ status }: { status: number | undefined }) {
  const { t } = useTranslation()
  if (status === undefined)
    return (
      <Tooltip label={t('commands.exit.unknown')}>
        <span className="quiet">–</span>
      </Tooltip>
    )
  return (
    <StateWord tone={status === 0 ? 'live' : 'warn'}>
      <span className="tnum">{status}</span>
    </StateWord>
  )
}

export function How({ how }: { how: CommandView['how'] }) {
  const { t } = useTranslation()
  return (
    <Tooltip label={t(`commands.howHelp.${how}`)} multiline maw={320}>
      <span>{t(`commands.how.${how}`)}</span>
    </Tooltip>
  )
}

export function RuleVerdict({ row }: { row: Pick<CommandView, 'rule' | 'verdict'> }) {
  const { t } = useTranslation()
  if (row.verdict === undefined) return <span className="quiet">–</span>
  return (
    <div className={classes['two']}>
      <StateWord tone={row.verdict === 'denied' ? 'bad' : 'warn'}>{t(`commands.verdict.${row.verdict}`)}</StateWord>
      {row.rule === undefined ? null : (
        <Text size="xs" className={`quiet ${classes['break'] ?? ''}`}>
          <bdi>{hostText(row.rule, 100)}</bdi>
        </Text>
      )}
    </div>
  )
}

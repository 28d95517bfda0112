// What a session does, as an icon and a word.
import { IconArrowsExchange, IconCopy, IconFolders, IconPrompt, IconRefreshDot, IconTerminal2 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { keptOf, type SessionKind } from '#domain/session-kind.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { hostText } from '../parts/format.ts'
import classes from './sessions.module.css'

const marks = { shell: IconTerminal2, exec: IconPrompt, sftp: IconFolders, scp: IconCopy, rsync: IconRefreshDot, forward: IconArrowsExchange } as const
/** A script on a command line may be long; all of it is told on hover. */
const mostShown = 80
const mostTold = 2000

/** Whether there is something to open beside a recording. */
export const hasActs = (row: Pick<SessionView, 'kind'>): boolean => keptOf[row.kind] === 'acts'
/** Whether somebody else can sit down at it: only a terminal has a screen. */
export const hasScreen = (row: Pick<SessionView, 'kind'>): boolean => row.kind === 'shell'

export function KindWord({ kind }: { kind: SessionKind }) {
  const { t } = useTranslation()
  const Mark = marks[kind]
  return (
    <span className={classes['kind']} data-testid="session-kind" data-kind={kind}>
      <Mark size={15} stroke={1.7} aria-hidden />
      {t(`kinds.kind.${kind}`)}
    </span>
  )
}

/** As the client sent it, fit to be read. */
export function CommandText({ command }: { command: string }) {
  return (
    <bdi className={`mono ${classes['command'] ?? ''}`} title={hostText(command, mostTold)}>
      {hostText(command, mostShown)}
    </bdi>
  )
}

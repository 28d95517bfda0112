// What lists of sessions and of recordings show alike.
import { Text, Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { isFailureCode } from '#client/failure-answer.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { clockTime } from '../parts/format.ts'
import type { Tone } from '../parts/state-dot.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import { useNow } from '../parts/use-now.ts'
import { terminatedBy } from './end-message.ts'
import { CommandText, KindWord } from './session-kind.tsx'
import classes from './sessions.module.css'

export function Where({ row }: { row: SessionView }) {
  return (
    <div className={classes['where']}>
      <Text size="sm" fw={600} className={classes['break']}>
        {row.asset}
      </Text>
      <Text size="xs" className={`quiet mono ${classes['break'] ?? ''}`}>
        {row.account}@<wbr />
        {row.address}
      </Text>
    </div>
  )
}

export function Who({ row }: { row: SessionView }) {
  const { t } = useTranslation()
  return (
    <div className={classes['two']}>
      <Text size="sm" className={classes['break']}>
        {row.operator}
        {row.mine ? <span className="quiet"> ({t('sessions.mine')})</span> : null}
      </Text>
      <Text size="xs" className="quiet mono">
        {row.source}
      </Text>
    </div>
  )
}

export function Lasted({ row }: { row: SessionView }) {
  const now = useNow()
  const end = row.endedAt === undefined ? Math.max(now, Date.parse(row.startedAt)) : Date.parse(row.endedAt)
  return <span className="tnum">{clockTime((end - Date.parse(row.startedAt)) / 1000)}</span>
}

const tones: Record<SessionView['state'], Tone> = { opening: 'warn', live: 'live', unreachable: 'warn', ended: 'calm' }

/** Whether it lives, whether anybody is at it, and how many watch. */
export function LiveState({ row }: { row: SessionView }) {
  const { t } = useTranslation()
  const away = row.state === 'live' && row.away === true
  const word = (
    <StateWord tone={away ? 'calm' : tones[row.state]} pulse={row.state === 'live' && !away}>
      {away ? t('sessions.away') : t(`sessions.state.${row.state}`)}
    </StateWord>
  )
  const help = away ? t('sessions.awayHelp') : row.state === 'unreachable' ? t('sessions.stateHelp.unreachable') : undefined
  return (
    <div className={classes['two']}>
      {help === undefined ? word : <Tooltip label={help}>{word}</Tooltip>}
      {row.watchers ? (
        <Text size="xs" className="quiet" data-testid="watcher-count">
          {t('sessions.watchers', { count: row.watchers })}
        </Text>
      ) : null}
    </div>
  )
}

/** A terminal is left by leaving its shell; the others end as their client wishes. */
const isUsualEnd = ({ kind, endReason }: SessionView) => endReason === 'exited' || (kind === 'forward' && endReason === 'owner_gone')

/** Why it ended: the reason in words, the exit status, what an administrator said. A failed one says its failure. */
export function WhyEnded({ row }: { row: SessionView }) {
  const { t } = useTranslation()
  const failure = row.failure !== undefined && isFailureCode(row.failure) ? row.failure : undefined
  const ender = row.endReason === 'terminated' ? terminatedBy(row.endMessage) : undefined
  return (
    <div className={classes['why']}>
      <StateWord tone={failure ? 'bad' : isUsualEnd(row) ? 'calm' : 'warn'}>
        <span className={classes['wrap']}>
          {ender
            ? t('sessions.terminatedBy', { by: ender.by })
            : failure && row.endReason === undefined
              ? t(`failure.${failure}`)
              : row.endReason
                ? row.kind !== 'shell' && (row.endReason === 'exited' || row.endReason === 'owner_gone')
                  ? t(`kinds.end.${row.endReason}`)
                  : t(`endReason.${row.endReason}`)
                : t('parts.unknown')}
          {row.exitStatus === undefined ? '' : ` · ${t('sessions.exit', { status: row.exitStatus })}`}
        </span>
      </StateWord>
      {failure && row.endReason !== undefined ? (
        <Text size="xs" className="quiet" lineClamp={2} title={t(`failure.${failure}`)}>
          {t(`failure.${failure}`)}
        </Text>
      ) : row.endReason === 'terminated' && row.endMessage ? (
        <Text size="xs" className={`quiet ${classes['break'] ?? ''}`} lineClamp={2} title={ender ? ender.reason : row.endMessage}>
          {ender ? ender.reason : row.endMessage}
        </Text>
      ) : null}
    </div>
  )
}

/** What it does, by which door and through which gateway. */
export function Door({ row }: { row: SessionView }) {
  const { t } = useTranslation()
  return (
    <div className={classes['two']}>
      <KindWord kind={row.kind} />
      {row.command === undefined ? null : <CommandText command={row.command} />}
      <Text size="xs" className="quiet" truncate maw={150} title={row.gateway}>
        {`${t(`sessions.door.${row.door}`)} · ${row.gateway}`}
      </Text>
    </div>
  )
}

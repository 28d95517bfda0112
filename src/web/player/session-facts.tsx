// What is known of the session that is replayed.
import { Button } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { byteSize, clockTime, hostText, sortableTime } from '../parts/format.ts'
import { DownloadMenu } from '../recordings/download-menu.tsx'
import { RecordingStateWord } from '../sessions/recording-state.tsx'
import { WhyEnded } from '../sessions/session-cells.tsx'
import { KindWord } from '../sessions/session-kind.tsx'
import classes from './player.module.css'

export function SessionFacts({ session, onRemoved }: { session: SessionView; onRemoved: () => void }) {
  const { t } = useTranslation()
  const verify = useMutation({ mutationFn: () => api.sessions.verify({ id: session.id }), onError: notifyFailure })
  const { recording } = session
  const facts: [string, React.ReactNode][] = [
    [t('sessions.column.operator'), session.operator],
    [t('sessions.column.source'), <span className="mono">{session.source}</span>],
    [t('sessions.column.asset'), session.asset],
    [t('sessions.column.address'), <span className="mono">{session.address}</span>],
    [t('sessions.column.account'), <span className="mono">{session.account}</span>],
    [t('kinds.column'), <KindWord kind={session.kind} />],
    ...(session.command === undefined
      ? []
      : [[t('kinds.command'), <bdi className={`mono ${classes['file'] ?? ''}`}>{hostText(session.command, 4000)}</bdi>] as [string, React.ReactNode]]),
    [t('sessions.column.door'), t(`sessions.door.${session.door}`)],
    [t('sessions.column.gateway'), session.gateway],
    ...(session.reason === undefined ? [] : [[t('sessions.column.why'), <bdi>{session.reason}</bdi>] as [string, React.ReactNode]]),
    ...(session.grants === undefined || session.grants.length === 0
      ? []
      : [[t('sessions.column.grants'), <bdi>{session.grants.join(', ')}</bdi>] as [string, React.ReactNode]]),
    [t('sessions.column.startedAt'), <span className="tnum">{sortableTime(session.startedAt)}</span>],
    ...(session.endedAt === undefined
      ? []
      : [[t('sessions.column.endedAt'), <span className="tnum">{sortableTime(session.endedAt)}</span>] as [string, React.ReactNode]]),
    ...(session.state === 'ended' ? [[t('sessions.column.reason'), <WhyEnded row={session} />] as [string, React.ReactNode]] : []),
    ...(session.state === 'ended' || session.endsAt === undefined
      ? []
      : [[t('sessions.column.endsAt'), <span className="tnum">{sortableTime(session.endsAt)}</span>] as [string, React.ReactNode]]),
    [t('sessions.column.bytes'), `${byteSize(session.bytesIn)} / ${byteSize(session.bytesOut)}`],
    ...(recording
      ? ([
          [t('recordings.column.length'), <span className="tnum">{clockTime(recording.seconds)}</span>],
          [t('recordings.column.size'), byteSize(recording.bytes)],
          [
            t('recordings.column.state'),
            <span>
              <RecordingStateWord state={verify.data?.state ?? recording.state} />
              {verify.data ? <span className="quiet tnum"> · {t('recordings.blocks', { count: verify.data.blocks })}</span> : null}
            </span>,
          ],
          [t('recordings.column.file'), <span className={`mono ${classes['file'] ?? ''}`}>{recording.fileName}</span>],
        ] as [string, React.ReactNode][])
      : []),
  ]
  return (
    <>
      {recording ? (
        <div className={classes['factActs']}>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconShieldCheck size={15} />}
            loading={verify.isPending}
            onClick={() => verify.mutate()}
            data-testid="verify"
          >
            {t('recordings.verify')}
          </Button>
          <DownloadMenu session={session} onRemoved={onRemoved} />
        </div>
      ) : null}
      <dl className={classes['facts']}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

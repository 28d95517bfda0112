import { Anchor, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { clockTime } from '../parts/format.ts'
import { StateDot } from '../parts/state-dot.tsx'
import { CommandText } from './command-cells.tsx'
import classes from './commands.module.css'

type Props = { session: string; isLive: boolean; timeMs: number; onSeek: (toMs: number) => void }

/** The commands of one session beside its recording: each leads to its moment, and the one that plays is marked. */
export function SessionCommands({ session, isLive, timeMs, onSeek }: Props) {
  const { t } = useTranslation()
  const answer = useQuery({
    queryKey: ['commands', 'of', session],
    queryFn: ({ signal }) => api.commands.ofSession({ id: session }, { signal }),
    refetchInterval: isLive ? 5000 : false,
  })
  if (answer.error && !answer.data) return <FailureLine error={answer.error} />
  if (!answer.data) return <Skeleton height={120} aria-label={t('parts.loading')} />
  const { items, cut } = answer.data
  const present = items.findLast(({ seconds }) => seconds * 1000 <= timeMs)
  return (
    <>
      {items.length === 0 ? <p className="quiet">{t('commands.side.none')}</p> : null}
      <ol className={classes['side']} aria-label={t('commands.side.tab')}>
        {items.map((row) => (
          <li key={row.number}>
            <button type="button" aria-current={row === present || undefined} onClick={() => onSeek(row.seconds * 1000)} data-testid="side-command">
              <span className="quiet tnum">{clockTime(row.seconds)}</span>
              <span>
                <CommandText row={{ text: row.text, how: row.how }} />
                {row.verdict === undefined ? null : (
                  <Text size="xs" className="quiet" component="span" display="block">
                    <StateDot tone={row.verdict === 'denied' ? 'bad' : 'warn'} /> {t(`commands.verdict.${row.verdict}`)}
                  </Text>
                )}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {cut ? <p className="quiet">{t('commands.side.cut')}</p> : null}
      {items.length === 0 ? null : (
        <p>
          <Anchor inherit renderRoot={(props) => <Link {...props} to="/commands" search={{ session }} />}>
            {t('commands.side.all')}
          </Anchor>
        </p>
      )}
    </>
  )
}

// Of a command whose recording has only the beginning of its output: how much there was, and its digests.
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { recordedOutputBytes } from '#domain/session-kind.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { byteSize } from '../parts/format.ts'
import { readOutputCount } from './output-facts.ts'
import classes from './session-acts-view.module.css'
import { Digest } from '../transfers/file-act.tsx'

/** Stands in the ledger, which members do not read. */
export function OutputCount({ session }: { session: SessionView }) {
  const { t } = useTranslation()
  const reads = useMe().role !== 'member'
  const answer = useQuery({
    queryKey: ['sessions', 'output', session.id],
    queryFn: ({ signal }) => api.audit.list({ code: 'output.counted', object: session.id, page: 1, size: 1 }, { signal }),
    enabled: reads && session.state === 'ended',
  })
  const count = readOutputCount(answer.data?.items[0]?.detail)
  if (count === undefined) return null
  const { stdoutBytes, stderrBytes, stdout, stderr } = count
  const whole = stdoutBytes + stderrBytes
  return (
    <dl className={classes['kept']} data-testid="output-count">
      <div>
        <dt>{t('kinds.output')}</dt>
        <dd>
          {t('kinds.outputWhole', { bytes: byteSize(whole) })}
          {whole > recordedOutputBytes ? ` ${t('kinds.outputBeginning', { size: byteSize(recordedOutputBytes) })}` : ''}
        </dd>
      </div>
      {(
        [
          ['stdout', stdout],
          ['stderr', stderr],
        ] as const
      ).map(([stream, sha256]) =>
        sha256 === undefined ? null : (
          <div key={stream}>
            <dt>{t('kinds.outputDigest', { stream: t(`kinds.${stream}`) })}</dt>
            <dd>
              <Digest sha256={sha256} path={t(`kinds.${stream}`)} />
            </dd>
          </div>
        ),
      )}
    </dl>
  )
}

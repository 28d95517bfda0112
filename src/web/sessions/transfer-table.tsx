import { Anchor, Skeleton, Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { byteSize } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { Deed, FilePath, Proof } from '../transfers/file-act.tsx'
import { askEveryMs, Outcome } from './act-outcome.tsx'
import classes from './session-acts-view.module.css'

export function TransferTable({ session }: { session: SessionView }) {
  const { t } = useTranslation()
  const answer = useQuery({
    queryKey: ['sessions', 'transfers', session.id],
    queryFn: ({ signal }) => api.sessionActs.transfers({ id: session.id }, { signal }),
    refetchInterval: askEveryMs(session),
  })
  if (!answer.data) return answer.error ? <FailureLine error={answer.error} /> : <Skeleton height={160} aria-label={t('parts.loading')} />
  const { items, total } = answer.data
  if (items.length === 0) return <p className="quiet">{t('kinds.noFiles')}</p>
  return (
    <>
      {total > items.length ? <p className="quiet">{t('kinds.newest', { shown: items.length, total })}</p> : null}
      <div className={classes['scroll']}>
        <Table className={classes['table'] ?? ''} data-testid="transfers" verticalSpacing={7}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('kinds.at')}</Table.Th>
              <Table.Th>{t('kinds.deed')}</Table.Th>
              <Table.Th>{t('kinds.path')}</Table.Th>
              <Table.Th ta="right">{t('kinds.size')}</Table.Th>
              <Table.Th>{t('kinds.result')}</Table.Th>
              <Table.Th>{t('kinds.sha256')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((row, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- rows have no id, and the list is made anew with each answer
              <Table.Tr key={at}>
                <Table.Td>
                  <Moment at={row.at} />
                </Table.Td>
                <Table.Td>
                  <Deed row={row} />
                </Table.Td>
                <Table.Td className={classes['path'] ?? ''}>
                  <FilePath row={row} />
                </Table.Td>
                <Table.Td ta="right" className="tnum">
                  {row.bytes === undefined ? '–' : byteSize(row.bytes)}
                </Table.Td>
                <Table.Td>
                  <Outcome outcome={row.outcome} failure={row.failure} rule={row.rule} />
                </Table.Td>
                <Table.Td>
                  <Proof row={row} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <p>
        <Anchor inherit renderRoot={(props) => <Link {...props} to="/transfers" search={{ session: session.id }} />}>
          {t('transfers.all')}
        </Anchor>
      </p>
    </>
  )
}

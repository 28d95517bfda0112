import { Skeleton, Table } from '@mantine/core'
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '#domain/asset.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { byteSize, clockTime, hostText } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { askEveryMs, Outcome } from './act-outcome.tsx'
import classes from './session-acts-view.module.css'

export function ForwardTable({ session }: { session: SessionView }) {
  const { t } = useTranslation()
  const answer = useQuery({
    queryKey: ['sessions', 'forwards', session.id],
    queryFn: ({ signal }) => api.sessionActs.forwards({ id: session.id }, { signal }),
    refetchInterval: askEveryMs(session),
  })
  if (!answer.data) return answer.error ? <FailureLine error={answer.error} /> : <Skeleton height={160} aria-label={t('parts.loading')} />
  const { items, total } = answer.data
  if (items.length === 0) return <p className="quiet">{t('kinds.noForwards')}</p>
  return (
    <>
      {total > items.length ? <p className="quiet">{t('kinds.newest', { shown: items.length, total })}</p> : null}
      <div className={classes['scroll']}>
        <Table className={classes['table'] ?? ''} data-testid="forwards" verticalSpacing={7}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('kinds.at')}</Table.Th>
              <Table.Th>{t('kinds.destination')}</Table.Th>
              <Table.Th>{t('kinds.direction')}</Table.Th>
              <Table.Th ta="right">{t('kinds.bytes')}</Table.Th>
              <Table.Th ta="right">{t('kinds.lasted')}</Table.Th>
              <Table.Th>{t('kinds.result')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((row, at) => {
              const Way = row.way === 'local' ? IconArrowRight : IconArrowLeft
              return (
                // oxlint-disable-next-line react/no-array-index-key -- rows have no id, and the list is made anew with each answer
                <Table.Tr key={at}>
                  <Table.Td>
                    <Moment at={row.at} />
                  </Table.Td>
                  <Table.Td className={classes['path'] ?? ''}>
                    <bdi className="mono">{hostText(formatAddress(row.host, row.port), 300)}</bdi>
                  </Table.Td>
                  <Table.Td>
                    <span className={classes['deed']}>
                      <Way size={15} stroke={1.7} aria-hidden />
                      {t(`kinds.way.${row.way}`)}
                    </span>
                  </Table.Td>
                  <Table.Td ta="right" className="tnum">
                    {`${byteSize(row.bytesIn)} / ${byteSize(row.bytesOut)}`}
                  </Table.Td>
                  <Table.Td ta="right" className="tnum">
                    {clockTime(row.ms / 1000)}
                  </Table.Td>
                  <Table.Td>
                    <Outcome outcome={row.outcome} failure={row.failure} />
                  </Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </div>
    </>
  )
}

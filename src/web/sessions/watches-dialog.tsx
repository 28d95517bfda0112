// Who watched a session, and who does now.
import { Modal, Skeleton, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { StateWord } from '../parts/state-dot.tsx'

export function WatchesDialog({ session, onClose }: { session: Pick<SessionView, 'id' | 'operator' | 'asset'>; onClose: () => void }) {
  const { t } = useTranslation()
  const found = useQuery({
    queryKey: ['sessions', 'watches', session.id],
    queryFn: ({ signal }) => api.sessions.watches({ id: session.id }, { signal }),
    refetchInterval: 5000,
  })
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('sessions.watchesTitle', { operator: session.operator, host: session.asset })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {found.data === undefined ? (
        found.error ? (
          <FailurePlace error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton height={90} aria-label={t('parts.loading')} />
        )
      ) : found.data.items.length === 0 ? (
        <Text className="quiet">{t('sessions.noWatches')}</Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('sessions.column.operator')}</Table.Th>
              <Table.Th>{t('sessions.watchedFrom')}</Table.Th>
              <Table.Th>{t('sessions.watchedUntil')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.data.items.map((watch) => (
              <Table.Tr key={`${watch.name} ${watch.startedAt}`}>
                <Table.Td>{watch.name}</Table.Td>
                <Table.Td>
                  <Moment at={watch.startedAt} />
                </Table.Td>
                <Table.Td>
                  {watch.endedAt === undefined ? (
                    <StateWord tone="live" pulse>
                      {t('sessions.watchesNow')}
                    </StateWord>
                  ) : (
                    <Moment at={watch.endedAt} />
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Modal>
  )
}

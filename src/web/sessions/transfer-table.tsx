import { ActionIcon, Skeleton, Table, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload, IconPencil, IconUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileDeeds } from '#domain/session-act.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { byteSize, hostText } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { copyText } from '../terminal/clipboard.ts'
import { askEveryMs, Outcome } from './act-outcome.tsx'
import classes from './session-acts-view.module.css'

/** Paths have at most 4,096 characters. */
const mostPath = 4096

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
                  <bdi className="mono">{hostText(row.path, mostPath)}</bdi>
                  {row.to === undefined ? null : (
                    <Text size="xs" className="quiet">
                      {t('kinds.to', { path: hostText(row.to, mostPath) })}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td ta="right" className="tnum">
                  {row.bytes === undefined ? '–' : byteSize(row.bytes)}
                </Table.Td>
                <Table.Td>
                  <Outcome outcome={row.outcome} failure={row.failure} />
                </Table.Td>
                <Table.Td>{row.sha256 === undefined ? '–' : <Digest sha256={row.sha256} path={row.path} />}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  )
}

function Deed({ row: { deed, way } }: { row: SessionTransferView }) {
  const { t } = useTranslation()
  const known = fileDeeds.find((one) => one === deed)
  const Mark = deed === 'upload' ? IconUpload : deed === 'download' ? IconDownload : IconPencil
  return (
    <span className={classes['deed']} title={way}>
      <Mark size={15} stroke={1.7} aria-hidden />
      {known === undefined ? hostText(deed) : t(`kinds.deeds.${known}`)}
    </span>
  )
}

/** Its first characters; all of it on hover and by the button. */
export function Digest({ sha256, path }: { sha256: string; path: string }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    if (!(await copyText(sha256))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <span className={classes['digest']}>
      <code className="mono" title={sha256}>
        {sha256.slice(0, 12)}…
      </code>
      <ActionIcon
        variant="subtle"
        color={copied ? 'teal' : 'gray'}
        size={24}
        onClick={() => void copy()}
        aria-label={`${t('parts.copy')}: ${t('kinds.copySha', { path: hostText(path) })}`}
        title={copied ? t('parts.copied') : t('parts.copy')}
      >
        {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </span>
  )
}

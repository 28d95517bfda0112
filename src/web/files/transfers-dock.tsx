// Below the list: what goes up and down, with one line for all of it that stays when it is folded.
import { ActionIcon, Button, Progress, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { byteSize } from '../parts/format.ts'
import { ClashCard } from './clash-card.tsx'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import { DownloadLine, UploadLine } from './transfer-line.tsx'
import classes from './transfers.module.css'
import type { UploadItem } from './upload-queue.ts'
import { mayRetry, sumOf } from './upload-queue.ts'

/** Lines of a queue of thousands are not read; those under way, asked about and failed stand first. */
const mostLines = 100
/** Of a zip each file is told: the last ones are enough. */
const mostDownloads = 25
const rank: Record<UploadItem['state'], number> = { asking: 0, running: 1, failed: 2, queued: 3, done: 4, cancelled: 5, skipped: 5 }

export function TransfersDock({ store, state }: { store: FilesStore; state: FilesState }) {
  const { t } = useTranslation()
  const [folded, setFolded] = useState(false)
  const { uploads, downloads } = state
  const { queue } = store.uploads
  const isBusy = queue.isBusy || downloads.some((one) => one.state === 'running' || one.state === 'checking')
  const nowMs = useTicks(isBusy)
  if (uploads.length === 0 && downloads.length === 0) return null
  const sum = sumOf(uploads)
  const running = downloads.filter((one) => one.state === 'running' || one.state === 'checking').length
  const lines = uploads.toSorted((a, b) => rank[a.state] - rank[b.state] || (a.state === 'done' ? b.id - a.id : a.id - b.id)).slice(0, mostLines)
  const isUp = sum.count > sum.over + sum.failed
  const failed = sum.failed + downloads.filter((one) => one.state === 'failed').length
  const title = isUp
    ? t('files.transfers.sending', {
        over: sum.over.toLocaleString(),
        count: sum.count.toLocaleString(),
        moved: byteSize(sum.moved),
        bytes: byteSize(sum.bytes),
      })
    : running > 0
      ? t('files.transfers.fetching', { count: running })
      : failed > 0
        ? t('files.transfers.withFailures', { count: failed })
        : t('files.transfers.allDone')
  return (
    <section className={classes['dock']} aria-label={t('files.transfers.title')} data-testid="transfers-dock">
      <header className={classes['dockHead']}>
        <UnstyledButton className={classes['fold']} aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          {folded ? <IconChevronUp size={15} aria-hidden /> : <IconChevronDown size={15} aria-hidden />}
          <span>{title}</span>
        </UnstyledButton>
        {!isUp && uploads.some(mayRetry) ? (
          <Button size="compact-xs" variant="default" onClick={() => queue.retryFailed()}>
            {t('files.transfers.retryAll')}
          </Button>
        ) : null}
        {isUp && sum.count - sum.over > 1 ? (
          <Button size="compact-xs" variant="default" onClick={() => queue.cancelAll()}>
            {t('files.transfers.cancelAll')}
          </Button>
        ) : null}
        {isBusy ? null : (
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label={t('files.transfers.clear')}
            title={t('files.transfers.clear')}
            onClick={() => {
              queue.clear()
              store.downloads.clear()
            }}
          >
            <IconX size={14} />
          </ActionIcon>
        )}
      </header>
      {isUp ? <Progress size={2} radius={0} value={sum.bytes === 0 ? 0 : (sum.moved / sum.bytes) * 100} aria-label={title} /> : null}
      <ClashCard store={store} state={state} />
      {folded ? null : (
        <ul className={classes['lines']}>
          {downloads.slice(0, mostDownloads).map((one) => (
            <DownloadLine key={one.id} transfer={one} />
          ))}
          {lines.map((item) => (
            <UploadLine key={item.id} item={item} queue={queue} nowMs={nowMs} />
          ))}
          {uploads.length > mostLines ? (
            <li className={classes['others']}>{t('files.transfers.others', { count: (uploads.length - mostLines).toLocaleString() })}</li>
          ) : null}
        </ul>
      )}
    </section>
  )
}

/** Speeds change while nothing is told. */
function useTicks(isBusy: boolean): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    if (!isBusy) return undefined
    const timer = setInterval(() => setNow(performance.now()), 500)
    return () => clearInterval(timer)
  }, [isBusy])
  return now
}

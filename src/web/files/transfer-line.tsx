// One file on its way: what it is, how far, how fast, how long still; then how it went, with its digest.
import { ActionIcon, Progress, Tooltip } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowUp,
  IconCircleCheckFilled,
  IconExclamationCircle,
  IconMinus,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconX,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { FileDone, FileTransfer } from '#wire/files.ts'
import { byteSize, clockTime, hostText } from '../parts/format.ts'
import { useTransferFailureWords } from './denial-words.ts'
import { nameOf } from './places.ts'
import classes from './transfers.module.css'
import type { UploadItem, UploadQueue } from './upload-queue.ts'
import { mayRetry } from './upload-queue.ts'

type LineProps = {
  direction: 'upload' | 'download'
  name: string
  tone: 'runs' | 'waits' | 'done' | 'failed' | 'left'
  /** 0 to 100; undefined when how much there is is not known. */
  share?: number | undefined
  text: string
  title?: string | undefined
  children?: React.ReactNode
}

function Line({ direction, name, tone, share, text, title, children }: LineProps) {
  const { t } = useTranslation()
  const Direction = direction === 'upload' ? IconArrowUp : IconArrowDown
  const shown = hostText(name, 200)
  return (
    <li className={classes['line']} data-tone={tone}>
      <span className={classes['sign']}>
        {tone === 'done' ? (
          <IconCircleCheckFilled size={16} aria-hidden />
        ) : tone === 'failed' ? (
          <IconExclamationCircle size={16} aria-hidden />
        ) : tone === 'left' ? (
          <IconMinus size={16} aria-hidden />
        ) : (
          <Direction size={16} aria-label={t(`files.transfers.${direction}`)} />
        )}
      </span>
      <span className={classes['what']}>
        <span className={classes['file']} title={shown}>
          <bdi>{shown}</bdi>
        </span>
        <span className={classes['how']} title={title}>
          {text}
        </span>
        {tone === 'runs' ? (
          <Progress size={3} value={share ?? 100} animated={share === undefined} aria-label={shown} className={classes['progress'] ?? ''} />
        ) : null}
      </span>
      <span className={classes['acts']}>{children}</span>
    </li>
  )
}

function Act({ label, icon: Mark, onClick }: { label: string; icon: typeof IconX; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={26} aria-label={label} onClick={onClick}>
        <Mark size={15} />
      </ActionIcon>
    </Tooltip>
  )
}

/** `1.2 MB of 4 MB · 3.1 MB/s · 0:02 left`. */
function useGoingWords() {
  const { t } = useTranslation()
  return (moved: number, bytes: number | undefined, speed: number | undefined, left: number | undefined) =>
    [
      bytes === undefined ? byteSize(moved) : t('files.transfers.of', { moved: byteSize(moved), bytes: byteSize(bytes) }),
      speed === undefined ? '' : t('files.transfers.speed', { speed: byteSize(speed) }),
      left === undefined ? '' : t('files.transfers.left', { time: clockTime(left) }),
    ]
      .filter(Boolean)
      .join(' · ')
}

/** `4 MB · verified on the host · SHA-256 3f9a…`. */
function useDoneWords() {
  const { t } = useTranslation()
  return ({ bytes, verified, sha256 }: { [Key in keyof FileDone]?: FileDone[Key] | undefined }) =>
    [
      bytes === undefined ? '' : byteSize(bytes),
      verified === undefined ? '' : t(`files.verified.${verified}`),
      sha256 === undefined ? '' : t('files.transfers.digest', { short: sha256.slice(0, 8) }),
    ]
      .filter(Boolean)
      .join(' · ')
}

export function UploadLine({ item, queue, nowMs }: { item: UploadItem; queue: UploadQueue; nowMs: number }) {
  const { t } = useTranslation()
  const going = useGoingWords()
  const done = useDoneWords()
  const failed = useTransferFailureWords()
  const { id, state, phase, moved, file, foundBytes = 0 } = item
  const pace = queue.paceOf(id)
  const cancel = <Act label={t('files.transfers.cancel', { name: item.name })} icon={IconX} onClick={() => queue.cancel(id)} />
  const retry = <Act label={t('files.transfers.retry', { name: item.name })} icon={IconRefresh} onClick={() => queue.retry(id)} />
  switch (state) {
    case 'queued':
      return (
        <Line direction="upload" name={item.name} tone="waits" text={t('files.transfers.queued', { bytes: byteSize(file.size) })}>
          {cancel}
        </Line>
      )
    case 'asking':
      return (
        <Line direction="upload" name={item.name} tone="waits" text={t('files.transfers.asking')}>
          {cancel}
        </Line>
      )
    case 'running': {
      const text =
        phase === 'checking'
          ? t('files.transfers.checking')
          : phase === 'paused'
            ? t('files.transfers.paused', { moved: byteSize(moved), bytes: byteSize(file.size) })
            : phase === 'waiting'
              ? t('files.transfers.waiting')
              : phase === 'starting'
                ? t('files.transfers.starting')
                : going(moved, file.size, pace?.bytesPerSecond(nowMs), pace?.secondsLeft(file.size, nowMs)) +
                  (foundBytes > 0 ? ` · ${t('files.transfers.resumed', { from: byteSize(foundBytes) })}` : '')
      return (
        <Line
          direction="upload"
          name={item.name}
          tone="runs"
          share={phase === 'checking' ? undefined : file.size === 0 ? 100 : (moved / file.size) * 100}
          text={text}
        >
          {phase === 'paused' ? (
            <Act label={t('files.transfers.goOn', { name: item.name })} icon={IconPlayerPlay} onClick={() => queue.goOn(id)} />
          ) : phase === 'sending' ? (
            <Act label={t('files.transfers.pause', { name: item.name })} icon={IconPlayerPause} onClick={() => queue.pause(id)} />
          ) : null}
          {cancel}
        </Line>
      )
    }
    case 'done':
      return (
        <Line
          direction="upload"
          name={item.name}
          tone="done"
          text={item.done ? done(item.done) : ''}
          title={item.done && t('files.transfers.sha256', { sha256: item.done.sha256 })}
        />
      )
    case 'failed': {
      const why = failed(item.failure, 'upload')
      return (
        <Line direction="upload" name={item.name} tone="failed" text={why} title={why}>
          {mayRetry(item) ? retry : null}
        </Line>
      )
    }
    case 'cancelled':
      return (
        <Line direction="upload" name={item.name} tone="left" text={t('files.transfers.cancelled')}>
          {retry}
        </Line>
      )
    case 'skipped':
      return <Line direction="upload" name={item.name} tone="left" text={t('files.transfers.skipped')} />
  }
}

export function DownloadLine({ transfer }: { transfer: FileTransfer }) {
  const { t } = useTranslation()
  const going = useGoingWords()
  const done = useDoneWords()
  const { path, state, moved, bytes, text = '', sha256 } = transfer
  const name = nameOf(path)
  const share = bytes === undefined || bytes === 0 ? undefined : (moved / bytes) * 100
  switch (state) {
    case 'running':
      return <Line direction="download" name={name} tone="runs" share={share} text={going(moved, bytes, undefined, undefined)} />
    case 'checking':
      return <Line direction="download" name={name} tone="runs" text={t('files.transfers.checking')} />
    case 'suspended':
      return <Line direction="download" name={name} tone="left" text={t('files.transfers.interrupted', { moved: byteSize(moved) })} />
    case 'failed':
      return <Line direction="download" name={name} tone="failed" text={text === '' ? t('parts.failed') : hostText(text, 300)} />
    case 'done':
      return (
        <Line
          direction="download"
          name={name}
          tone="done"
          text={done({ ...transfer, bytes: bytes ?? moved })}
          title={sha256 && t('files.transfers.sha256', { sha256 })}
        />
      )
  }
}

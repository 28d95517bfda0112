// One transfer as a slim line above the status bar: what moves, how far, how fast, how long; what to do with it.
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconAlertTriangle, IconBan, IconCheck, IconChevronDown, IconChevronUp, IconDownload, IconUpload, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { byteSize, clockTime } from '../parts/format.ts'
import { FileDetail, TransferFiles } from './transfer-files.tsx'
import type { Line } from './transfer-lines.ts'
import { isLineOver, percentOf } from './transfer-lines.ts'
import classes from './transfer.module.css'
import { useLineWords } from './use-line-words.ts'

export type LineActs = {
  cancel(): void
  close(): void
  openFiles(): void
  /** Of `sz`: the file that is offered. */
  save?(what: 'next' | 'zip'): void
  skip?(index: number): void
  /** Of the queue. */
  settle?(clash: 'replace' | 'both' | 'skip'): void
  retry?(): void
}

export function TransferLine({ line, acts }: { line: Line; acts: LineActs }) {
  const { t } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  const words = useLineWords(line)
  const isOver = isLineOver(line)
  // What was looked at while it went on makes room.
  useEffect(() => {
    if (isOver) setOpen(false)
  }, [isOver])
  const percent = percentOf(line)
  const only = line.files.length === 1 ? line.files[0] : undefined
  return (
    <div className={classes['line']} data-testid="transfer-line" data-state={line.state} data-way={line.way} data-id={line.id}>
      <div className={classes['lineRow']}>
        <Sign line={line} />
        <span className={classes['name']} title={words.name}>
          <b>{words.name}</b>
          {line.count > 1 && line.at > 0 && !isOver ? (
            <span className="quiet"> {t('terminalTransfers.line.at', { at: line.at, count: line.count })}</span>
          ) : null}
        </span>
        {isOver ? (
          <span className={classes['said']}>
            <span className={line.state === 'failed' ? classes['saidBad'] : undefined}>{words.state}</span>
            {line.state !== 'done' ? null : only ? <FileDetail file={only} /> : line.bytes === undefined ? null : <span>{byteSize(line.bytes)}</span>}
          </span>
        ) : (
          <>
            <span
              className={classes['track']}
              role="progressbar"
              aria-label={t('terminalTransfers.line.progress', { name: words.name })}
              aria-valuemin={0}
              aria-valuemax={100}
              {...(percent === undefined ? {} : { 'aria-valuenow': percent })}
              aria-valuetext={words.moved}
              data-unknown={(percent === undefined && line.state === 'running') || undefined}
            >
              <span style={{ transform: `scaleX(${(percent ?? 0) / 100})` }} />
            </span>
            <span className={classes['numbers']}>
              {line.state === 'running' && line.waitingS === undefined ? (
                <>
                  <span>{words.moved}</span>
                  <span className={classes['speed']}>{t('terminalTransfers.line.speed', { size: byteSize(line.bytesPerSecond) })}</span>
                  {line.secondsLeft === undefined ? null : <span>{t('terminalTransfers.line.left', { time: clockTime(line.secondsLeft) })}</span>}
                </>
              ) : (
                <span>{words.state}</span>
              )}
            </span>
          </>
        )}
        <span className={classes['lineActs']}>
          <Answers line={line} acts={acts} name={words.name} />
          {line.files.length > 1 ? (
            <Tooltip label={t(isOpen ? 'terminalTransfers.line.less' : 'terminalTransfers.line.more')}>
              <ActionIcon
                size={26}
                variant="subtle"
                color="gray"
                aria-expanded={isOpen}
                aria-label={t(isOpen ? 'terminalTransfers.line.less' : 'terminalTransfers.line.more')}
                onClick={() => setOpen(!isOpen)}
              >
                {isOpen ? <IconChevronDown size={16} /> : <IconChevronUp size={16} />}
              </ActionIcon>
            </Tooltip>
          ) : null}
          <Tooltip label={t(isOver ? 'terminalTransfers.line.close' : 'terminalTransfers.line.cancel')}>
            <ActionIcon
              size={26}
              variant="subtle"
              color="gray"
              aria-label={t(isOver ? 'terminalTransfers.line.closeNamed' : 'terminalTransfers.line.cancelNamed', { name: words.name })}
              onClick={isOver ? acts.close : acts.cancel}
            >
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
      {words.detail === undefined ? null : <div className={classes['detail']}>{words.detail}</div>}
      {isOpen && line.files.length > 1 ? <TransferFiles line={line} /> : null}
    </div>
  )
}

function Sign({ line }: { line: Line }) {
  const look = { size: 17, 'aria-hidden': true } as const
  const icon =
    line.state === 'done' ? (
      <IconCheck {...look} />
    ) : line.state === 'failed' || line.state === 'refused' ? (
      <IconAlertTriangle {...look} />
    ) : line.state === 'cancelled' ? (
      <IconBan {...look} />
    ) : line.direction === 'download' ? (
      <IconDownload {...look} />
    ) : (
      <IconUpload {...look} />
    )
  return (
    <span className={classes['sign']} data-state={line.state}>
      {icon}
    </span>
  )
}

/** What can be said to it beyond stopping it. */
function Answers({ line, acts, name }: { line: Line; acts: LineActs; name: string }) {
  const { t } = useTranslation()
  const offered = line.files.find(({ state }) => state === 'offered')
  if (line.state === 'offered' && offered && acts.save)
    return (
      <>
        <Button size="compact-xs" variant="default" aria-label={t('terminalTransfers.line.skipNamed', { name })} onClick={() => acts.skip?.(offered.index)}>
          {t('terminalTransfers.line.skip')}
        </Button>
        {line.count - offered.index > 1 ? (
          <Button size="compact-xs" variant="default" onClick={() => acts.save?.('zip')}>
            {t('terminalTransfers.line.rest')}
          </Button>
        ) : null}
        <Button
          size="compact-xs"
          leftSection={<IconDownload size={14} />}
          aria-label={t('terminalTransfers.line.saveNamed', { name })}
          onClick={() => acts.save?.('next')}
        >
          {t('terminalTransfers.line.save')}
        </Button>
      </>
    )
  if (line.state === 'clash' && acts.settle)
    return (
      <>
        {(['skip', 'both', 'replace'] as const).map((clash) => (
          <Button key={clash} size="compact-xs" variant="default" onClick={() => acts.settle?.(clash)}>
            {t(`terminalTransfers.clash.${clash}`)}
          </Button>
        ))}
      </>
    )
  if (line.state === 'failed' && acts.retry)
    return (
      <Button size="compact-xs" variant="default" onClick={acts.retry}>
        {t('terminalTransfers.line.retry')}
      </Button>
    )
  if ((line.state === 'failed' || line.state === 'refused') && line.way !== 'queue')
    return (
      <Button size="compact-xs" variant="default" onClick={acts.openFiles}>
        {t('terminalTransfers.openFiles')}
      </Button>
    )
  return null
}

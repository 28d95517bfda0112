// Asked before anything is sent to the host or comes from it: the click is the consent.
import { Button, Group, Text, Title } from '@mantine/core'
import { IconDownload, IconFileZip, IconUpload } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { maxBatchFiles, mostZmodemBytes } from '#domain/terminal-transfer.ts'
import { hostText } from '../parts/format.ts'
import { FilePicker } from './file-picker.tsx'
import type { TabTransfer } from './transfer-list.ts'
import { secondsLeft } from './transfer-list.ts'
import classes from './transfer.module.css'
import { usePoliteFocus } from './use-polite-focus.ts'
import { useSecond } from './use-second.ts'

/** A click that was meant for what stood here before must not begin anything. */
const readyAfterMs = 600

type CardProps = {
  label: string
  text: string
  icon: React.ReactNode
  testid: string
  /** Whether it may take the keys, as soon as nobody types. */
  mayFocus: boolean
  onEscape: () => void
  /** What was typed while the card itself had the keys, and was meant for the terminal. */
  onTyped: (text: string) => void
  /** Below the text: what changes while it is read, and is not said aloud. */
  below?: React.ReactNode
  children: React.ReactNode
}

/** A card in the corner of a terminal that waits for an answer. Does not cover what is asked about, and takes no key that was meant for the terminal. */
export function CornerCard({ label, text, icon, testid, mayFocus, onEscape, onTyped, below, children }: CardProps) {
  const id = useId()
  const card = useRef<HTMLDivElement>(null)
  usePoliteFocus(card, mayFocus)
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      return onEscape()
    }
    if (event.target !== card.current || event.ctrlKey || event.metaKey || event.altKey) return
    const typed = event.key === 'Enter' ? '\r' : Array.from(event.key).length === 1 ? event.key : undefined
    if (typed === undefined) return
    event.preventDefault()
    onTyped(typed)
  }
  return (
    <div
      ref={card}
      className={classes['card']}
      role="alertdialog"
      aria-modal={false}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      tabIndex={-1}
      data-testid={testid}
      onKeyDown={keys}
    >
      <div className={classes['cardHead']}>
        <span className={classes['cardIcon']} aria-hidden>
          {icon}
        </span>
        <div className={classes['cardWords']}>
          <Title order={2} id={`${id}-title`} className={classes['cardTitle'] ?? ''}>
            {label}
          </Title>
          <Text size="sm" className="quiet" id={`${id}-text`}>
            {text}
          </Text>
          {below}
        </div>
      </div>
      {children}
    </div>
  )
}

type Props = {
  transfer: TabTransfer
  host: string
  folder: string | undefined
  mayFocus: boolean
  /** Said by what was tried last, if it came to nothing. */
  note: string | undefined
  onSave: (what: 'next' | 'zip') => void
  onFiles: (files: readonly File[]) => void
  onDecline: () => void
  onTyped: (text: string) => void
}

/** What `sz` or `rz` wants, with the time that is left to answer. Keyed by the transfer. */
export function TransferCard({ transfer, host, folder, mayFocus, note, onSave, onFiles, onDecline, onTyped }: Props) {
  const { t } = useTranslation()
  const { way, secondsLeft: whole = 30 } = transfer.state
  const [isReady, setReady] = useState(false)
  const [refused, setRefused] = useState<string>()
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), readyAfterMs)
    return () => clearTimeout(timer)
  }, [])
  const left = secondsLeft(transfer, useSecond())
  const name = hostText(host, 80)
  const take = (files: readonly File[]) => {
    const large = files.find(({ size }) => size > mostZmodemBytes)
    if (files.length === 0) return
    if (large) setRefused(t('terminalTransfers.rz.tooLarge', { name: hostText(large.name, 80) }))
    else if (files.length > maxBatchFiles) setRefused(t('terminalTransfers.rz.tooMany', { count: maxBatchFiles }))
    else onFiles(files)
  }
  const words = refused ?? note
  const isSz = way !== 'rz'
  return (
    <CornerCard
      label={t(isSz ? 'terminalTransfers.sz.title' : 'terminalTransfers.rz.title', { host: name })}
      text={t(isSz ? 'terminalTransfers.sz.text' : 'terminalTransfers.rz.text')}
      icon={isSz ? <IconDownload size={20} /> : <IconUpload size={20} />}
      testid="transfer-card"
      mayFocus={mayFocus}
      onEscape={onDecline}
      onTyped={onTyped}
      below={
        <span className={classes['countdown']} data-testid="transfer-seconds">
          {t('terminalTransfers.left', { seconds: left })}
        </span>
      }
    >
      {isSz || folder === undefined ? null : (
        <Text size="sm" className={classes['where'] ?? ''}>
          {t('terminalTransfers.rz.into', { folder: hostText(folder, 200) })}
        </Text>
      )}
      {words === undefined ? null : (
        <Text size="sm" className={classes['warn'] ?? ''} role="alert">
          {words}
        </Text>
      )}
      <Group gap="xs" justify="flex-end" className={classes['cardActs'] ?? ''}>
        <Button size="xs" variant="default" onClick={onDecline}>
          {t('terminalTransfers.decline')}
        </Button>
        {isSz ? (
          <>
            <Button size="xs" variant="default" disabled={!isReady} leftSection={<IconFileZip size={15} />} onClick={() => onSave('zip')}>
              {t('terminalTransfers.sz.zip')}
            </Button>
            <Button size="xs" disabled={!isReady} leftSection={<IconDownload size={15} />} onClick={() => onSave('next')}>
              {t('terminalTransfers.sz.save')}
            </Button>
          </>
        ) : (
          <FilePicker label={t('terminalTransfers.rz.choose')} disabled={!isReady} onFiles={take} />
        )}
      </Group>
      <span className={classes['running']} aria-hidden>
        <span style={{ transform: `scaleX(${Math.min(1, left / Math.max(1, whole))})` }} />
      </span>
    </CornerCard>
  )
}

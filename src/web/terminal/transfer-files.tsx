import { ActionIcon, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { byteSize, hostText } from '../parts/format.ts'
import { useCopied } from '../parts/use-copied.ts'
import { useLanguage } from '../parts/use-language.ts'
import type { Line, LineFile } from './transfer-lines.ts'
import classes from './transfer.module.css'

/** Of a file that has arrived: size, digest, and how the two ends were compared. */
export function FileDetail({ file }: { file: LineFile }) {
  const { t } = useTranslation()
  const { copied, copy } = useCopied()
  const { sha256, verified, bytes, moved, name } = file
  const label = t('terminalTransfers.line.copySum', { name })
  return (
    <>
      <span>{byteSize(bytes ?? moved)}</span>
      {sha256 === undefined ? null : (
        <span className={classes['sum']}>
          <span className="mono" title={sha256}>
            {t('terminalTransfers.line.sum', { sum: `${sha256.slice(0, 12)}…` })}
          </span>
          <Tooltip label={copied ? t('terminalTransfers.line.copied') : label}>
            <ActionIcon size={22} variant="subtle" color={copied ? 'teal' : 'gray'} aria-label={label} onClick={() => copy(sha256)}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        </span>
      )}
      {verified === undefined ? null : (
        <span className={verified === 'differs' ? classes['saidBad'] : undefined}>{t(`terminalTransfers.verified.${verified}`)}</span>
      )}
    </>
  )
}

/** Each file of a transfer of several. */
export function TransferFiles({ line }: { line: Line }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const words = (file: LineFile) => {
    switch (file.state) {
      case 'done':
        return undefined
      case 'skipped':
        return t('terminalTransfers.line.skipped')
      case 'failed':
        if (line.state === 'cancelled') return t('terminalTransfers.line.cancelled')
        return file.failure !== undefined
          ? t(`failure.${file.failure}`)
          : language === 'en' && file.text !== undefined
            ? hostText(file.text, 200)
            : t('terminalTransfers.line.failed')
      case 'cancelled':
        return t('terminalTransfers.line.cancelled')
      case 'offered':
        return t('terminalTransfers.line.next')
      case 'checking':
        return t('terminalTransfers.line.checking')
      case 'clash':
        return t('terminalTransfers.clash.text')
      case 'running':
        return file.bytes === undefined ? byteSize(file.moved) : t('terminalTransfers.line.moved', { moved: byteSize(file.moved), bytes: byteSize(file.bytes) })
      case 'waiting':
        return file.bytes === undefined ? '' : byteSize(file.bytes)
    }
  }
  return (
    <ul className={classes['files']} data-testid="transfer-files-list">
      {line.files.map((file) => (
        <li key={file.index} data-state={file.state}>
          <span className={classes['fileName']} title={file.name}>
            {file.name}
          </span>
          <span className={classes['said']}>{file.state === 'done' ? <FileDetail file={file} /> : <span>{words(file)}</span>}</span>
        </li>
      ))}
    </ul>
  )
}

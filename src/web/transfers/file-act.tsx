// What one file shows, in the list of transfers and beside its session. Paths come from hosts and clients: no sign in them may rearrange the page.
import { ActionIcon, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload, IconPencil, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import { hostText } from '../parts/format.ts'
import { StateWord, type Tone } from '../parts/state-dot.tsx'
import { copyText } from '../terminal/clipboard.ts'
import classes from './transfers.module.css'

/** Paths have at most 4,096 characters. */
const mostPath = 4096

export function Deed({ row: { deed, way } }: { row: Pick<SessionTransferView, 'deed' | 'way'> }) {
  const { t } = useTranslation()
  const Mark = deed === 'upload' ? IconUpload : deed === 'download' ? IconDownload : IconPencil
  return (
    <div className={classes['two']}>
      <span className={classes['deed']}>
        <Mark size={15} stroke={1.7} aria-hidden />
        {t(`kinds.deeds.${deed}`)}
      </span>
      <Tooltip label={t(`transfers.wayHelp.${way}`)} multiline maw={320}>
        <Text size="xs" className="quiet">
          {t(`transfers.way.${way}`)}
        </Text>
      </Tooltip>
    </div>
  )
}

/** The end of a path says which file it is: what has no room is left out at its beginning. All of it stands in the title. */
export function FilePath({ row }: { row: Pick<SessionTransferView, 'path' | 'to'> }) {
  const { t } = useTranslation()
  const [path, to] = [hostText(row.path, mostPath), row.to === undefined ? undefined : hostText(row.to, mostPath)]
  return (
    <div className={classes['two']}>
      <span className={classes['path']} title={path}>
        <bdi dir="ltr">{path}</bdi>
      </span>
      {to === undefined ? null : (
        <span className={`${classes['path'] ?? ''} ${classes['to'] ?? ''}`} title={to}>
          <bdi dir="ltr">{t('kinds.to', { path: to })}</bdi>
        </span>
      )}
    </div>
  )
}

const tones: Record<NonNullable<SessionTransferView['verified']>, Tone> = {
  host: 'live',
  'read-back': 'live',
  sampled: 'live',
  protocol: 'calm',
  none: 'calm',
  differs: 'bad',
}

/** The digest, and how both ends were compared. */
export function Proof({ row }: { row: Pick<SessionTransferView, 'sha256' | 'verified' | 'path'> }) {
  const { t } = useTranslation()
  const { sha256, verified } = row
  if (sha256 === undefined && verified === undefined) return <span className="quiet">–</span>
  return (
    <div className={classes['two']}>
      {sha256 === undefined ? null : <Digest sha256={sha256} path={row.path} />}
      {verified === undefined ? null : (
        <Tooltip label={t(`transfers.verifiedHelp.${verified}`)} multiline maw={320}>
          <span className={classes['small']}>
            <StateWord tone={tones[verified]}>{t(`transfers.verified.${verified}`)}</StateWord>
          </span>
        </Tooltip>
      )}
    </div>
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

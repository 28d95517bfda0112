import { Tooltip } from '@mantine/core'
import { IconDownload, IconUpload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Tab } from './open-tabs.ts'
import { lineOf, percentOf } from './transfer-lines.ts'
import { runningOf } from './transfer-list.ts'
import classes from './transfer.module.css'

/** In the status bar, while `sz` or `rz` runs. */
export function TransferIndicator({ tab }: { tab: Tab }) {
  const { t } = useTranslation()
  const running = tab.state === 'ended' ? undefined : runningOf(tab.transfers)
  const line = running?.state.state === 'running' ? lineOf(running.state, true) : undefined
  if (!line) return null
  const percent = percentOf(line)
  const label = t(line.direction === 'download' ? 'terminalTransfers.bar.receiving' : 'terminalTransfers.bar.sending')
  return (
    <Tooltip label={label}>
      <span className={classes['indicator']} data-testid="bar-transfer">
        {line.direction === 'download' ? <IconDownload size={14} aria-label={label} /> : <IconUpload size={14} aria-label={label} />}
        {percent === undefined ? '…' : t('terminalTransfers.bar.percent', { percent })}
      </span>
    </Tooltip>
  )
}

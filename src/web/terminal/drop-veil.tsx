import { IconUpload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { hostText } from '../parts/format.ts'
import type { Tab } from './open-tabs.ts'
import classes from './transfer.module.css'

/** While files are held over a terminal: where they would go. */
export function DropVeil({ tab, toRz }: { tab: Tab; toRz: boolean }) {
  const { t } = useTranslation()
  return (
    <div className={classes['veil']} data-testid="drop-veil">
      <span>
        <IconUpload size={18} aria-hidden />
        {toRz
          ? t('terminalTransfers.drop.veilRz')
          : tab.state !== 'open'
            ? t('terminalTransfers.drop.no')
            : tab.folder === undefined
              ? t('terminalTransfers.drop.veil')
              : t('terminalTransfers.drop.veilFolder', { folder: hostText(tab.folder, 120) })}
      </span>
    </div>
  )
}

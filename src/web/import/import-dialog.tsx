// Hosts from files: chosen, looked at, edited, sent, and taken back if wanted. Its address is `?host=import`.
import { Modal } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ChooseFiles } from './choose-files.tsx'
import { DropPlace } from './drop-place.tsx'
import { ImportDone } from './import-done.tsx'
import { ImportPreview } from './import-preview.tsx'
import { type DraftRow, draftRows, keepEdits } from './import-rows.ts'
import type { ImportRun } from './run-import.ts'
import { useImportFiles } from './use-import-files.ts'

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const [rows, setRows] = useState<DraftRow[]>([])
  const [run, setRun] = useState<{ run: ImportRun; tags: string[] }>()
  const [locked, setLocked] = useState(false)
  const files = useImportFiles((reading) => setRows((before) => keepEdits(draftRows(reading.hosts), before)))
  const again = () => {
    setRun(undefined)
    setRows([])
    void files.clear()
  }
  return (
    <Modal
      opened
      onClose={locked ? () => undefined : onClose}
      size={1120}
      fullScreen={phone}
      centered={false}
      yOffset="5dvh"
      closeOnClickOutside={false}
      title={t('imports.title')}
      closeButtonProps={{ 'aria-label': t('parts.close'), disabled: locked }}
    >
      <DropPlace onFiles={(list) => void files.addFiles(list)} disabled={locked || run !== undefined}>
        {run ? (
          <ImportDone run={run.run} tags={run.tags} onAgain={again} onClose={onClose} />
        ) : files.files.length === 0 ? (
          <ChooseFiles notes={files.notes} onFiles={(list) => void files.addFiles(list)} onText={(text) => void files.addText(text)} />
        ) : (
          <ImportPreview files={files} rows={rows} onRows={setRows} onAgain={again} onLock={setLocked} onDone={(done, tags) => setRun({ run: done, tags })} />
        )}
      </DropPlace>
    </Modal>
  )
}

import { IconFileImport } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './import.module.css'

/** Takes files that are dropped anywhere on it. For the keyboard there is a button beside it. */
export function DropPlace({ onFiles, disabled, children }: { onFiles: (files: File[]) => void; disabled: boolean; children: React.ReactNode }) {
  const { t } = useTranslation()
  const [over, setOver] = useState(false)
  // Entering a child comes before leaving its parent.
  const depth = useRef(0)
  const has = (event: React.DragEvent) => !disabled && event.dataTransfer.types.includes('Files')
  return (
    <div
      className={classes['drop']}
      data-over={over || undefined}
      data-testid="import-drop"
      onDragEnter={(event) => {
        if (!has(event)) return
        event.preventDefault()
        depth.current += 1
        setOver(true)
      }}
      onDragOver={(event) => {
        if (has(event)) event.preventDefault()
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1)
        if (depth.current === 0) setOver(false)
      }}
      onDrop={(event) => {
        depth.current = 0
        setOver(false)
        if (!has(event)) return
        event.preventDefault()
        onFiles([...event.dataTransfer.files])
      }}
    >
      {children}
      {over ? (
        <div className={classes['over']}>
          <IconFileImport size={34} stroke={1.6} aria-hidden />
          {t('imports.choose.drop')}
        </div>
      ) : null}
    </div>
  )
}

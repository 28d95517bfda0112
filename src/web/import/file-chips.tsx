import { CloseButton, Select } from '@mantine/core'
import { IconFileText, IconFingerprint, IconKey, IconTable, IconFileOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { FileKind } from './file-kind.ts'
import classes from './import.module.css'
import { encodings } from './read-bytes.ts'
import type { useImportFiles } from './use-import-files.ts'

const marks = { config: IconFileText, known_hosts: IconFingerprint, csv: IconTable, key: IconKey, other: IconFileOff } as const satisfies Record<
  FileKind,
  unknown
>
const titles = { 'utf-8': 'UTF-8', gb18030: 'GB18030', 'utf-16le': 'UTF-16' }

/** The files of the import; where the encoding makes a difference it can be chosen. */
export function FileChips({ files }: { files: ReturnType<typeof useImportFiles> }) {
  const { t } = useTranslation()
  return files.files.map(({ id, name, bytes, encoding }, index) => {
    const kind = files.reading.kinds[index] ?? 'other'
    const Mark = marks[kind]
    const called = name === '' ? t('imports.pasted') : name
    return (
      <div key={id} className={classes['chip']} title={t(`imports.kind.${kind}`)}>
        <Mark size={16} aria-hidden />
        <span className={classes['chipName']}>{called}</span>
        <span className="quiet">{t(`imports.kind.${kind}`)}</span>
        {name !== '' && bytes.some((byte) => byte > 127) ? (
          <Select
            size="xs"
            w={108}
            aria-label={t('imports.encoding', { file: called })}
            data={encodings.map((value) => ({ value, label: titles[value] }))}
            value={encoding}
            allowDeselect={false}
            onChange={(chosen) => {
              const wanted = encodings.find((one) => one === chosen)
              if (wanted) void files.setEncoding(id, wanted)
            }}
          />
        ) : null}
        <CloseButton size="sm" aria-label={t('imports.dropFile', { file: called })} onClick={() => void files.remove(id)} />
      </div>
    )
  })
}

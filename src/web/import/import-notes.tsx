import { Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ImportNote } from '#client/import/import-note.ts'
import classes from './import.module.css'

/** More would not be read; the rest is counted. */
const mostShown = 60

/** What was left out of the files or needs a person, each with its line. */
export function ImportNotes({ notes }: { notes: readonly ImportNote[] }) {
  const { t } = useTranslation()
  if (notes.length === 0) return null
  return (
    <section className={classes['notes']} aria-label={t('imports.notes.title', { count: notes.length })} data-testid="import-notes">
      <Text size="sm" fw={600} className={classes['notesHead'] ?? ''}>
        <IconInfoCircle size={17} aria-hidden />
        {t('imports.notes.title', { count: notes.length })}
      </Text>
      {/* A list that scrolls can be reached by the keyboard. */}
      <ul tabIndex={0} aria-label={t('imports.notes.title', { count: notes.length })}>
        {notes.slice(0, mostShown).map(({ file, line, code, what }, index) => (
          <li key={index}>
            <span className="quiet tnum">
              {file === '' ? t('imports.pasted') : file}
              {line === 0 ? '' : ` · ${t('imports.notes.line', { line })}`}
            </span>
            <span>{t(`imports.note.${code}`)}</span>
            {what === '' ? null : <code className={classes['quote']}>{what}</code>}
          </li>
        ))}
        {notes.length > mostShown ? <li className="quiet">{t('imports.notes.more', { count: notes.length - mostShown })}</li> : null}
      </ul>
    </section>
  )
}

import { Anchor, Button, FileButton, Group, List, Text, Textarea } from '@mantine/core'
import { IconFileImport, IconTableDown } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { mostFileBytes, type ImportNote } from '#client/import/import-note.ts'
import { useLanguage } from '../parts/use-language.ts'
import { csvTemplate } from './csv-columns.ts'
import { ImportNotes } from './import-notes.tsx'
import { saveText } from '../parts/save-text.ts'
import classes from './import.module.css'

type Props = { notes: readonly ImportNote[]; onFiles: (files: File[]) => void; onText: (text: string) => void }

export function ChooseFiles({ notes, onFiles, onText }: Props) {
  const { t } = useTranslation()
  const language = useLanguage()
  const [text, setText] = useState('')
  return (
    <div className={classes['choose']}>
      <div className={classes['target']}>
        <IconFileImport size={30} stroke={1.5} aria-hidden />
        <Text size="sm" maw={460} ta="center">
          {t('imports.choose.text')}
        </Text>
        <FileButton multiple onChange={(files) => onFiles(files)}>
          {(props) => (
            <Button {...props} data-autofocus data-testid="import-choose">
              {t('imports.choose.files')}
            </Button>
          )}
        </FileButton>
        <Text size="xs" className="quiet" ta="center">
          {t('imports.choose.local')}
        </Text>
      </div>
      <ImportNotes notes={notes} />
      <div className={classes['beside']}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (text.trim() !== '') onText(text)
          }}
        >
          <Textarea
            label={t('imports.choose.paste')}
            placeholder={t('imports.choose.pasteExample')}
            name="import-text"
            autosize
            minRows={7}
            maxRows={14}
            maxLength={mostFileBytes}
            spellCheck={false}
            autoComplete="off"
            classNames={{ input: classes['code'] ?? '' }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group mt="xs">
            <Button type="submit" variant="default" disabled={text.trim() === ''} data-testid="import-read">
              {t('imports.choose.read')}
            </Button>
          </Group>
        </form>
        <div>
          <Text size="sm" fw={600} mb={6}>
            {t('imports.choose.takes')}
          </Text>
          <List size="sm" spacing={6} className="quiet">
            <List.Item>{t('imports.choose.config')}</List.Item>
            <List.Item>{t('imports.choose.csv')}</List.Item>
            <List.Item>{t('imports.choose.known')}</List.Item>
            <List.Item>{t('imports.choose.keys')}</List.Item>
          </List>
          <Anchor
            component="button"
            type="button"
            size="sm"
            mt="sm"
            className={classes['template'] ?? ''}
            onClick={() => saveText(csvTemplate(language), 'sallyport-hosts.csv', 'text/csv')}
          >
            <IconTableDown size={16} aria-hidden />
            {t('imports.choose.template')}
          </Anchor>
        </div>
      </div>
    </div>
  )
}

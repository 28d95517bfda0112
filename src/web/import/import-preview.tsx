import { Alert, Button, FileButton, Group, Progress, Text } from '@mantine/core'
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { renewHosts } from '../hosts/kept-hosts.ts'
import { FailureLine, notifyFailure, useFailureWords } from '../parts/failure-notice.tsx'
import { importTag } from './import-tag.ts'
import { FileChips } from './file-chips.tsx'
import { ImportNotes } from './import-notes.tsx'
import { ImportOptions } from './import-options.tsx'
import { type DraftRow, type ImportChoices, makeRows, wantedKeys } from './import-rows.ts'
import { ImportRows } from './import-row-list.tsx'
import classes from './import.module.css'
import { givenKeys, KeyFiles, type KeyTexts } from './key-files.tsx'
import { findCredentials, type ImportRun, KeyRefused, runImport } from './run-import.ts'
import type { useImportFiles } from './use-import-files.ts'
import { useRehearsal, verdictsOf } from './use-rehearsal.ts'

type Props = {
  files: ReturnType<typeof useImportFiles>
  rows: readonly DraftRow[]
  onRows: (rows: DraftRow[]) => void
  onAgain: () => void
  onLock: (locked: boolean) => void
  onDone: (run: ImportRun, tags: string[]) => void
}
const noNames: ReadonlyMap<string, string> = new Map()

export function ImportPreview({ files, rows, onRows, onAgain, onLock, onDone }: Props) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [choices, setChoices] = useState<ImportChoices>(() => ({ tags: [importTag(new Date())], policy: 'strict', username: '', credential: null }))
  const [texts, setTexts] = useState<KeyTexts>({})
  const [progress, setProgress] = useState<{ done: number; total: number }>()
  const [refused, setRefused] = useState<KeyRefused>()
  const named = useMemo(() => [...new Set(rows.flatMap(({ host }) => host.credential ?? []))].sort(), [rows])
  const credentials = useQuery({
    queryKey: ['credentials', 'named', named],
    queryFn: ({ signal }) => findCredentials(named, signal),
    enabled: named.length > 0,
  })
  const byName = credentials.data ?? noNames
  const made = useMemo(() => makeRows(rows, choices, { byKeyFile: noNames, byName }, true), [rows, choices, byName])
  const look = useRehearsal(made)
  const verdicts = useMemo(() => verdictsOf(rows, made, look.outcomes), [rows, made, look.outcomes])
  const count = (will: string) => verdicts.filter((verdict) => verdict.will === will).length
  const wanted = useMemo(() => wantedKeys(rows), [rows])
  const keys = givenKeys(wanted, texts, files)
  const running = progress !== undefined

  const start = async () => {
    setRefused(undefined)
    onLock(true)
    setProgress({ done: 0, total: count('create') })
    try {
      const run = await runImport(
        rows,
        choices,
        keys.filter(({ username }) => username !== '' || choices.username !== '').map((key) => ({ ...key, username: key.username || choices.username })),
        byName,
        (done, total) => setProgress({ done, total }),
      )
      onDone(run, choices.tags)
    } catch (error) {
      if (error instanceof KeyRefused) setRefused(error)
      else notifyFailure(error)
    } finally {
      onLock(false)
      setProgress(undefined)
      await renewHosts()
    }
  }
  return (
    <form
      noValidate
      autoComplete="off"
      className={classes['preview']}
      onSubmit={(event) => {
        event.preventDefault()
        if (!running && count('create') > 0) void start()
      }}
    >
      <Group gap="xs" align="center">
        <FileChips files={files} />
        <FileButton multiple onChange={(list) => void files.addFiles(list)}>
          {(props) => (
            <Button {...props} variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />}>
              {t('imports.more')}
            </Button>
          )}
        </FileButton>
      </Group>
      <ImportNotes notes={files.notes} />
      {rows.length === 0 ? null : (
        <>
          <ImportOptions choices={choices} onChange={setChoices} keyless={rows.filter(({ host, picked }) => picked && host.trusted.length === 0).length} />
          {wanted.length === 0 ? null : <KeyFiles wanted={wanted} keys={keys} texts={texts} onTexts={setTexts} />}
          {refused ? (
            <Alert
              color="red"
              variant="light"
              className="tint-bad"
              icon={<IconAlertTriangle size={18} />}
              role="alert"
              py="xs"
              title={t('imports.keyFailed', { path: refused.path })}
            >
              {words(refused.failure)}
            </Alert>
          ) : null}
          {look.error ? <FailureLine error={look.error} /> : null}
          <ImportRows rows={rows} verdicts={verdicts} onRows={onRows} />
        </>
      )}
      <div className={classes['foot']}>
        {running ? (
          <div className={classes['progress']} role="status">
            <Text size="sm" className="tnum">
              {t('imports.progress', progress)}
            </Text>
            <Progress value={progress.total === 0 ? 0 : (progress.done / progress.total) * 100} animated aria-label={t('imports.running')} />
          </div>
        ) : (
          <Text size="sm" className="quiet tnum" style={{ whiteSpace: 'normal' }} aria-live="polite" data-testid="import-summary">
            {files.busy
              ? t('imports.choose.reading')
              : rows.length === 0
                ? ''
                : t('imports.summary', { create: count('create'), exists: count('exists'), refused: count('refused') })}
          </Text>
        )}
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" onClick={onAgain} disabled={running}>
            {t('imports.back')}
          </Button>
          <Button type="submit" loading={running} disabled={count('create') === 0 || files.busy} data-testid="import-do">
            {count('create') === 0 ? t('imports.doNone') : t('imports.do', { count: count('create') })}
          </Button>
        </Group>
      </div>
    </form>
  )
}

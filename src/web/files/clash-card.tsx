// A name that is taken: asked in the panel, not over it, so that whoever wants to look first can.
import { Button, Checkbox, Group } from '@mantine/core'
import { IconFiles } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { byteSize, hostText, sortableTime } from '../parts/format.ts'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import classes from './transfers.module.css'

export function ClashCard({ store, state }: { store: FilesStore; state: FilesState }) {
  const { t } = useTranslation()
  const [all, setAll] = useState(false)
  const asking = state.uploads.filter((item) => item.state === 'asking')
  const waiting = state.uploads.filter((item) => item.state === 'asking' || item.state === 'queued').length
  const [item] = asking
  if (!item) return null
  const there = item.folder === store.folder ? store.find(item.name) : undefined
  const settle = (clash: 'replace' | 'both' | 'skip') => store.uploads.queue.settle(item.id, clash, all)
  const isFolder = there !== undefined && there.kind === 'folder'
  const facts = (bytes: number, ms: number | undefined) => [byteSize(bytes), ms === undefined ? '' : sortableTime(ms).slice(0, 16)].filter(Boolean).join(' · ')
  return (
    <section className={classes['clash']} role="alertdialog" aria-label={t('files.clash.title', { name: item.name })} data-testid="clash">
      <div className={classes['clashHead']}>
        <IconFiles size={18} aria-hidden />
        <b>
          <bdi>{hostText(t('files.clash.title', { name: item.name }), 300)}</bdi>
        </b>
      </div>
      <dl className={classes['facts']}>
        {there && !isFolder ? (
          <>
            <dt>{t('files.clash.there')}</dt>
            <dd>{facts(there.bytes, there.mtime === undefined ? undefined : there.mtime * 1000)}</dd>
          </>
        ) : null}
        <dt>{t('files.clash.yours')}</dt>
        <dd>{facts(item.file.size, item.file.lastModified)}</dd>
      </dl>
      {waiting > 1 ? <Checkbox size="xs" label={t('files.clash.all')} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} /> : null}
      <Group gap="xs">
        {/* A folder is never replaced by a file. */}
        <Button size="xs" color="red" variant="light" disabled={isFolder} onClick={() => settle('replace')}>
          {t('files.clash.replace')}
        </Button>
        <Button size="xs" variant="default" onClick={() => settle('both')}>
          {t('files.clash.both')}
        </Button>
        <Button size="xs" variant="default" onClick={() => settle('skip')}>
          {t('files.clash.skip')}
        </Button>
      </Group>
    </section>
  )
}

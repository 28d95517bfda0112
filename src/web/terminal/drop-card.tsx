import { Button, Group, Text, TextInput } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { Failure } from '#domain/failure.ts'
import type { Dropped } from '../files/dropped-files.ts'
import { denialOf } from '../files/file-rights.ts'
import { joinPath, typedPath } from '../files/places.ts'
import { storeOfTab } from '../files/store-of-tab.ts'
import { byteSize, hostText } from '../parts/format.ts'
import type { Tab } from './open-tabs.ts'
import { CornerCard } from './transfer-card.tsx'
import classes from './transfer.module.css'
import type { TerminalDrop } from './use-terminal-drop.ts'

/** More are counted. */
const mostNames = 6

type Props = {
  tab: Tab
  drop: TerminalDrop
  mayFocus: boolean
  onUpload: (dropped: Dropped, folder: string) => void
  onTyped: (text: string) => void
  onClose: () => void
}

/** Files that were dropped on a terminal: where they will go, and which of them may. */
export function DropCard({ tab, drop, mayFocus, onUpload, onTyped, onClose }: Props) {
  const { t } = useTranslation()
  const [dropped, setDropped] = useState<Dropped>()
  const [failure, setFailure] = useState<Failure>()
  const [rights, setRights] = useState<Parameters<typeof denialOf>[0]>()
  const [folder, setFolder] = useState(tab.folder ?? '~')
  const { dropped: entries } = drop
  useEffect(() => {
    let isGone = false
    const store = storeOfTab(tab.id)
    setDropped(undefined)
    drop.read().then(
      (read) => void (isGone || setDropped(read)),
      () => void (isGone || setDropped({ files: [], folders: [], isCut: false })),
    )
    store?.session.at().then(
      () => void (isGone || setRights(store.rights)),
      (error: unknown) => void (isGone || setFailure(asFailure(error))),
    )
    return () => {
      isGone = true
    }
    // Once for each drop.
  }, [entries, tab.id])
  const typed = folder.trim()
  const isPlace = typed.startsWith('/') || typed === '~' || typed.startsWith('~/')
  const target = rights && isPlace ? typedPath(typed, '/', rights.home) : undefined
  const files = (dropped?.files ?? []).map(({ file, folder: path }) => {
    const place = target === undefined ? undefined : joinPath(path === '' ? target : joinPath(target, path), file.name.normalize('NFC'))
    return { file, path, denial: rights && place !== undefined ? denialOf(rights, 'upload', place, file.size) : undefined }
  })
  const denied = files.find(({ denial }) => denial !== undefined)
  const mayGo = target !== undefined && files.some(({ denial }) => denial === undefined)
  const host = hostText(tab.goal.host, 80)
  const only = files.length === 1 ? files[0] : undefined
  const why =
    failure !== undefined
      ? t(`failure.${failure.code}`)
      : dropped && files.length === 0
        ? t('terminalTransfers.drop.nothing')
        : denied?.denial
          ? t(`terminalTransfers.drop.denied.${denied.denial.why}`, {
              rule: hostText(denied.denial.rule ?? '', 200),
              paths: (denied.denial.paths ?? []).slice(0, 3).join(', '),
              size: byteSize(denied.denial.maxBytes ?? 0),
              name: hostText(denied.file.name, 80),
            })
          : undefined
  const upload = () => {
    if (target === undefined || !dropped || !mayGo) return
    const may = new Set(files.flatMap(({ file, denial }) => (denial ? [] : [file])))
    onUpload({ ...dropped, files: dropped.files.filter(({ file }) => may.has(file)) }, target)
    onClose()
  }
  return (
    <CornerCard
      label={
        only
          ? t('terminalTransfers.drop.titleOne', { name: hostText(only.file.name, 60), host })
          : t('terminalTransfers.drop.title', { count: dropped ? files.length : (entries?.length ?? 0), host })
      }
      text={tab.folder === undefined ? t('terminalTransfers.drop.unknown') : t('terminalTransfers.drop.known')}
      icon={<IconUpload size={20} />}
      testid="drop-card"
      mayFocus={mayFocus}
      onEscape={onClose}
      onTyped={onTyped}
    >
      <form
        className={classes['form']}
        onSubmit={(event) => {
          event.preventDefault()
          upload()
        }}
      >
        <TextInput
          label={t('terminalTransfers.drop.folder')}
          value={folder}
          maxLength={4096}
          autoComplete="off"
          spellCheck={false}
          error={isPlace ? undefined : t('terminalTransfers.drop.absolute')}
          classNames={{ input: 'mono' }}
          onChange={(event) => setFolder(event.currentTarget.value)}
        />
        <ul className={classes['names']}>
          {files.slice(0, mostNames).map(({ file, path, denial }, at) => (
            <li key={at} data-bad={denial !== undefined || undefined}>
              <span>{hostText(path === '' ? file.name : `${path}/${file.name}`, 160)}</span>
              <span>{byteSize(file.size)}</span>
            </li>
          ))}
          {files.length > mostNames ? <li className="quiet">{t('terminalTransfers.drop.more', { count: files.length - mostNames })}</li> : null}
        </ul>
        {why === undefined ? null : (
          <Text size="sm" className={classes['warn'] ?? ''} role="alert">
            {why}
          </Text>
        )}
        <Group gap="xs" justify="flex-end">
          {rights || failure ? null : (
            <Text size="xs" className="quiet" mr="auto">
              {t('terminalTransfers.drop.opening')}
            </Text>
          )}
          <Button size="xs" variant="default" onClick={onClose}>
            {t('terminalTransfers.drop.cancel')}
          </Button>
          <Button size="xs" type="submit" disabled={!mayGo} leftSection={<IconUpload size={15} />}>
            {t('terminalTransfers.drop.upload')}
          </Button>
        </Group>
      </form>
    </CornerCard>
  )
}

// Asked once before anything is removed, with its name; of folders with what is in them, counted while the question stands.
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconTrash } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '#domain/failure.ts'
import type { FileEntry } from '#wire/files.ts'
import { byteSize, hostText } from '../parts/format.ts'
import type { Counted } from './file-changes.ts'
import type { FilesStore } from './files-store.ts'
import classes from './files.module.css'

type Props = { store: FilesStore; entries: readonly FileEntry[]; onClose: () => void }
const mostNamed = 6

export function RemoveDialog({ store, entries: chosen, onClose }: Props) {
  const { t } = useTranslation()
  // What was asked about is what is removed, whatever is chosen meanwhile.
  const [entries] = useState(chosen)
  const [counted, setCounted] = useState<Counted>()
  const [isCounting, setCounting] = useState(true)
  const [removed, setRemoved] = useState<number>()
  const [kept, setKept] = useState<{ name: string; failure: Failure }[]>([])
  const folders = entries.filter(({ kind }) => kind === 'folder')
  const [first] = entries
  useEffect(() => {
    const stop = new AbortController()
    store.changes.count(entries, setCounted, stop.signal).then(
      (all) => {
        setCounted(all)
        setCounting(false)
      },
      // What cannot be read is not counted; removing it will say why it cannot be removed.
      () => setCounting(false),
    )
    return () => stop.abort()
  }, [store, entries])
  const one = entries.length === 1
  const remove = async () => {
    setRemoved(0)
    const left = await store.changes.remove(entries, setRemoved)
    store.say(t('files.remove.done', { count: entries.length - left.length }))
    if (left.length === 0) onClose()
    else setKept(left)
  }
  const count = (counted?.files ?? 0) + (counted?.folders ?? 0)
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        one
          ? t(folders.length === 1 ? 'files.remove.titleFolder' : 'files.remove.titleFile', { name: hostText(first?.name ?? '', 80) })
          : t('files.remove.titleMany', { count: entries.length })
      }
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <Stack gap="md">
        {one ? null : (
          <ul className={classes['named']}>
            {entries.slice(0, mostNamed).map(({ name }) => (
              <li key={name}>
                <bdi>{hostText(name, 80)}</bdi>
              </li>
            ))}
            {entries.length > mostNamed ? <li className="quiet">{t('files.remove.others', { count: entries.length - mostNamed })}</li> : null}
          </ul>
        )}
        {folders.length === 0 ? null : (
          <Text size="sm" aria-live="polite" data-testid="remove-count">
            {count === 0 && isCounting
              ? t('files.remove.counting')
              : count === 0
                ? t('files.remove.empty')
                : t(counted?.isMore || isCounting ? 'files.remove.insideMore' : 'files.remove.inside', {
                    files: t('files.remove.files', { count: counted?.files ?? 0, n: (counted?.files ?? 0).toLocaleString() }),
                    folders: t('files.remove.folders', { count: counted?.folders ?? 0, n: (counted?.folders ?? 0).toLocaleString() }),
                    size: byteSize(counted?.bytes ?? 0),
                  })}
          </Text>
        )}
        <Text size="sm" className="quiet">
          {t('files.remove.text')}
        </Text>
        {kept.length === 0 ? null : (
          <Alert color="red" variant="light" className="tint-bad" icon={<IconAlertTriangle size={18} />} role="alert">
            {kept.slice(0, mostNamed).map(({ name, failure }) => (
              <div key={name}>
                <bdi>{hostText(name, 80)}</bdi>
                {`: ${t(`failure.${failure.code}`)}`}
              </div>
            ))}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t(kept.length > 0 ? 'parts.close' : 'parts.cancel')}
          </Button>
          {kept.length > 0 ? null : (
            <Button
              color="red"
              leftSection={<IconTrash size={16} />}
              loading={removed !== undefined}
              onClick={() => void remove()}
              data-testid="remove-confirm"
            >
              {one ? t('files.remove.do') : t('files.remove.doMany', { count: entries.length })}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { IconFolderPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureLine } from '../parts/failure-notice.tsx'
import { hostText } from '../parts/format.ts'
import type { FilesStore } from './files-store.ts'
import { nameFault } from './new-names.ts'

/** Makes a folder where one is. */
export function NewFolderDialog({ store, onClose }: { store: FilesStore; onClose: () => void }) {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const [failure, setFailure] = useState<unknown>()
  const [isPending, setPending] = useState(false)
  const fault = name === '' ? undefined : (nameFault(name) ?? (store.find(name) ? 'taken' : undefined))
  const make = async () => {
    if (name === '' || fault !== undefined) return
    setPending(true)
    setFailure(undefined)
    try {
      await store.changes.makeFolder(name)
      store.say(t('files.newFolder.made', { name }))
      onClose()
    } catch (error) {
      setFailure(error)
      setPending(false)
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('files.newFolder.title', { folder: hostText(store.folder, 60) })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <Stack gap="md">
          <TextInput
            data-autofocus
            label={t('files.newFolder.name')}
            value={name}
            maxLength={300}
            spellCheck={false}
            error={fault && t(`files.fault.${fault}`)}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <FailureLine error={failure} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" leftSection={<IconFolderPlus size={16} />} disabled={name === '' || fault !== undefined} loading={isPending}>
              {t('files.newFolder.make')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

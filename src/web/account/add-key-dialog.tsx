import { Button, FileButton, Group, Modal, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconFile } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { PersonName } from '#wire/api/people.ts'
import { api, queries } from '../api.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { type KeyLineFault, readKeyLine } from './key-line.ts'
import { useKeyType } from './key-rows.tsx'
import classes from './account.module.css'

/** A line is at most some 3,000 characters (RSA of 16,384 bits). */
const mostFileBytes = 16_384
const example = 'ssh-ed25519 AAAA…'
const ofLine = new Set(['public_key_invalid', 'public_key_is_private', 'public_key_unsupported', 'operator_key_known'])

/** Pasted, chosen or dropped: what is wrong with it is said at once. */
export function AddKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const typeWords = useKeyType()
  const [text, setText] = useState('')
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  /** Said of what is not in the field: a private key was taken out, a file too long was not read. */
  const [outside, setOutside] = useState<'private' | 'tooLong'>()
  const key = readKeyLine(text)
  const isKey = typeof key !== 'string'
  const nameBad = name.trim() !== '' && !PersonName.safeParse(name).success
  const add = useMutation({
    mutationFn: (line: string) => api.operatorKeys.add({ line, ...(name.trim() === '' ? {} : { name: name.trim() }) }),
    onSuccess() {
      notifications.show({ color: 'green', message: t('sshKeys.addedNow') })
      void queries.invalidateQueries({ queryKey: ['ssh-keys'] })
      onClose()
    },
  })
  const put = (typed: string) => {
    add.reset()
    // It must not stand in a page a moment longer than it takes to see that.
    const isPrivate = readKeyLine(typed) === 'private'
    setOutside(isPrivate ? 'private' : undefined)
    setText(isPrivate ? '' : typed)
  }
  const take = async (file: File | null | undefined) => {
    if (!file) return
    if (file.size > mostFileBytes) return setOutside('tooLong')
    put(await file.text())
  }
  const refused = add.error ? asFailure(add.error) : undefined
  const ofField = refused && ofLine.has(refused.code) ? words(refused) : undefined
  const fault: KeyLineFault | 'tooLong' | undefined = outside ?? (isKey || (key === 'empty' && !tried) ? undefined : key)
  return (
    <Modal opened onClose={onClose} size="lg" title={t('sshKeys.addTitle')} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <form
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (isKey && !nameBad) add.mutate(key.line)
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          void take(event.dataTransfer.files[0])
        }}
      >
        <Stack gap="md">
          <FailureLine error={ofField === undefined ? add.error : undefined} />
          <Textarea
            label={t('sshKeys.field')}
            description={t('sshKeys.fieldHelp')}
            name="public-key"
            data-autofocus
            autosize
            minRows={4}
            maxRows={8}
            maxLength={mostFileBytes}
            spellCheck={false}
            autoCapitalize="none"
            autoCorrect="off"
            placeholder={example}
            classNames={{ input: classes['keyText'] ?? '' }}
            value={text}
            onChange={(event) => put(event.currentTarget.value)}
            onKeyDown={(event) => {
              // A key is one line: Enter sends it.
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
              event.preventDefault()
              event.currentTarget.form?.requestSubmit()
            }}
            error={fault === undefined ? ofField : t(`sshKeys.bad.${fault}`)}
          />
          <Group gap="sm">
            <FileButton onChange={(file) => void take(file)}>
              {(props) => (
                <Button {...props} variant="default" size="xs" leftSection={<IconFile size={15} />} data-testid="choose-key-file">
                  {t('sshKeys.choose')}
                </Button>
              )}
            </FileButton>
            <Text size="xs" className="quiet" aria-live="polite">
              {!isKey
                ? t('sshKeys.drop')
                : key.comment === ''
                  ? t('sshKeys.is', { type: typeWords(key.type) })
                  : t('sshKeys.isNamed', { type: typeWords(key.type), comment: key.comment })}
            </Text>
          </Group>
          <TextInput
            label={t('sshKeys.name')}
            description={t('sshKeys.nameHelp')}
            name="key-name"
            maxLength={100}
            placeholder={isKey ? key.comment : ''}
            value={name}
            onChange={(event) => {
              add.reset()
              setName(event.currentTarget.value)
            }}
            error={nameBad ? t('sshKeys.nameBad') : refused?.field === 'name' ? words(refused) : undefined}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending} data-testid="ssh-key-save">
              {t('sshKeys.addDo')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

// Permissions of what is chosen: a grid of rights and the octal number, each of which follows the other.
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FileEntry } from '#wire/files.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { hostText } from '../parts/format.ts'
import { bitOf, commonMode, modeText, octalText, readOctal, rights, specialBit, specials, whose } from './file-mode.ts'
import type { FilesStore } from './files-store.ts'
import classes from './files.module.css'

type Props = { store: FilesStore; entries: readonly FileEntry[]; onClose: () => void }

export function ModeDialog({ store, entries: chosen, onClose }: Props) {
  const { t } = useTranslation()
  const [entries] = useState(chosen)
  const first = commonMode(entries.map(({ mode }) => mode ?? 0))
  const [mode, setMode] = useState(first.mode)
  /** Bits that differ and that nobody has touched: they stay as they are. */
  const [mixed, setMixed] = useState(first.mixed)
  const [octal, setOctal] = useState(first.mixed === 0 ? octalText(first.mode) : '')
  const [failure, setFailure] = useState<unknown>()
  const [isPending, setPending] = useState(false)
  const take = (next: number, left: number) => {
    setMode(next)
    setMixed(left)
    setOctal(left === 0 ? octalText(next) : '')
  }
  const toggle = (bit: number) => take((mixed & bit) === 0 ? mode ^ bit : mode | bit, mixed & ~bit)
  const typed = readOctal(octal)
  const save = async () => {
    setPending(true)
    setFailure(undefined)
    try {
      await store.changes.setMode(entries.map(({ name, mode: before = 0 }) => ({ name, mode: (mode & ~mixed) | (before & mixed) })))
      store.say(t('files.mode.done'))
      onClose()
    } catch (error) {
      setFailure(error)
      setPending(false)
    }
  }
  const box = (bit: number, label: string) => (
    <Checkbox aria-label={label} checked={(mode & bit) !== 0 && (mixed & bit) === 0} indeterminate={(mixed & bit) !== 0} onChange={() => toggle(bit)} />
  )
  const [only] = entries
  const title = entries.length === 1 ? t('files.mode.titleOne', { name: hostText(only?.name ?? '', 60) }) : t('files.mode.titleMany', { count: entries.length })
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Stack gap="md">
          <table className={classes['rights']}>
            <thead>
              <tr>
                <td />
                {rights.map((right) => (
                  <th key={right} scope="col">
                    {t(`files.mode.${right}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {whose.map((who) => (
                <tr key={who}>
                  <th scope="row">
                    {t(`files.mode.${who}`)}
                    {entries.length === 1 && who !== 'others' ? (
                      <span className="quiet"> {hostText((who === 'owner' ? only?.owner : only?.group) ?? '', 40)}</span>
                    ) : null}
                  </th>
                  {rights.map((right) => (
                    <td key={right}>{box(bitOf(who, right), `${t(`files.mode.${who}`)}: ${t(`files.mode.${right}`)}`)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <Group gap="lg">
            {specials.map((special) => (
              <Checkbox
                key={special}
                size="sm"
                label={t(`files.mode.${special}`)}
                checked={(mode & specialBit(special)) !== 0 && (mixed & specialBit(special)) === 0}
                indeterminate={(mixed & specialBit(special)) !== 0}
                onChange={() => toggle(specialBit(special))}
              />
            ))}
          </Group>
          <Group align="end" gap="md">
            <TextInput
              w={130}
              label={t('files.mode.octal')}
              classNames={{ input: 'mono' }}
              value={octal}
              maxLength={4}
              inputMode="numeric"
              placeholder={t('files.mode.differs')}
              error={octal !== '' && typed === undefined ? t('files.mode.octalBad') : undefined}
              onChange={(event) => {
                const text = event.currentTarget.value
                setOctal(text)
                const read = readOctal(text)
                if (read === undefined) return
                setMode(read)
                setMixed(0)
              }}
            />
            {mixed === 0 ? (
              <Text className="mono" pb={8}>
                {modeText(mode)}
              </Text>
            ) : null}
          </Group>
          {entries.some(({ kind }) => kind === 'folder') ? (
            <Text size="xs" className="quiet">
              {t('files.mode.notBelow')}
            </Text>
          ) : null}
          <FailureLine error={failure} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={isPending} disabled={octal !== '' && typed === undefined} data-autofocus>
              {t('files.mode.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

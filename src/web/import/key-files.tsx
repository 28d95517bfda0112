import { Button, CloseButton, FileButton, PasswordInput, Text } from '@mantine/core'
import { IconCircleCheck, IconKey } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { notifications } from '@mantine/notifications'
import { mostKeyBytes } from '../credentials/secret-draft.ts'
import { pathOfKey, type wantedKeys } from './import-rows.ts'
import classes from './import.module.css'
import { decode } from './read-bytes.ts'
import type { GivenKey } from './run-import.ts'
import type { useImportFiles } from './use-import-files.ts'

type Wanted = ReturnType<typeof wantedKeys>
/** By the path of the configuration: what a person chose for it. */
export type KeyTexts = Readonly<Record<string, { text?: string; passphrase?: string }>>

/** The keys that are there: chosen for their path, or dropped under its name. */
export function givenKeys(wanted: Wanted, texts: KeyTexts, { files, reading }: Pick<ReturnType<typeof useImportFiles>, 'files' | 'reading'>): GivenKey[] {
  const paths = wanted.map(({ path }) => path)
  const dropped = new Map<string, string>()
  for (const [index, { name, bytes }] of files.entries()) {
    const path = reading.kinds[index] === 'key' ? pathOfKey(name, paths) : undefined
    if (path !== undefined) dropped.set(path, decode(bytes, 'utf-8'))
  }
  return wanted.flatMap(({ path, username }) => {
    const text = texts[path]?.text ?? dropped.get(path)
    return text === undefined ? [] : [{ path, text, passphrase: texts[path]?.passphrase ?? '', username }]
  })
}

type Props = { wanted: Wanted; keys: readonly GivenKey[]; texts: KeyTexts; onTexts: (texts: KeyTexts) => void }

export function KeyFiles({ wanted, keys, texts, onTexts }: Props) {
  const { t } = useTranslation()
  const given = new Set(keys.map(({ path }) => path))
  const change = (path: string, next: { text?: string; passphrase?: string }) => onTexts({ ...texts, [path]: { ...texts[path], ...next } })
  const choose = async (path: string, file: File | null) => {
    if (!file) return
    if (file.size > mostKeyBytes) notifications.show({ color: 'yellow', message: t('hosts.form.keyTooLarge') })
    else change(path, { text: await file.text() })
  }
  return (
    <fieldset className={classes['keys']}>
      <legend>{t('imports.keyFiles.title')}</legend>
      <Text size="sm" className="quiet">
        {t('imports.keyFiles.text')}
      </Text>
      <ul>
        {wanted.slice(0, 50).map(({ path, hosts }) => (
          <li key={path}>
            <IconKey size={16} aria-hidden />
            <span className={classes['path']}>
              <span className="mono">{path}</span> <span className="quiet">{t('imports.keyFiles.hosts', { count: hosts })}</span>
            </span>
            {given.has(path) ? (
              <span className={classes['given']}>
                <PasswordInput
                  size="xs"
                  w={210}
                  aria-label={t('imports.keyFiles.passphrase', { path })}
                  placeholder={t('imports.keyFiles.passphraseShort')}
                  autoComplete="off"
                  maxLength={1024}
                  value={texts[path]?.passphrase ?? ''}
                  onChange={(event) => change(path, { passphrase: event.currentTarget.value })}
                  visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
                />
                <span className={classes['ok']}>
                  <IconCircleCheck size={16} aria-hidden /> {t('imports.keyFiles.given')}
                </span>
                {texts[path]?.text === undefined ? null : (
                  <CloseButton
                    size="sm"
                    aria-label={t('imports.keyFiles.forget', { path })}
                    onClick={() => onTexts(Object.fromEntries(Object.entries(texts).filter(([each]) => each !== path)))}
                  />
                )}
              </span>
            ) : (
              <FileButton onChange={(file) => void choose(path, file)}>
                {(props) => (
                  <Button {...props} variant="default" size="compact-sm" aria-label={t('imports.keyFiles.choose', { path })}>
                    {t('imports.keyFiles.chooseShort')}
                  </Button>
                )}
              </FileButton>
            )}
          </li>
        ))}
      </ul>
    </fieldset>
  )
}

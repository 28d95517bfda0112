import { ActionIcon, Badge, Button, Text, TextInput, Tooltip } from '@mantine/core'
import { IconLock, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SettingsView } from '#wire/api/settings.ts'
import { faultOfAddress, readOrigin, type AddressFault } from './origin.ts'
import { SectionForm } from './section-form.tsx'
import { SettingRow } from './setting-row.tsx'
import classes from './settings.module.css'
import { useSection } from './use-section.ts'

/** Names under which people come: those of the start stay, others are added and taken away. */
export function AddressesSection({ view }: { view: SettingsView }) {
  const { t } = useTranslation()
  const title = t('settings.addresses.title')
  const section = useSection(view, title)
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<AddressFault>()
  const fixed = view.start.publicUrls
  const added = section.value('publicUrls').filter((address) => !fixed.includes(address))
  const put = (addresses: string[]) => section.set('publicUrls', [...fixed, ...addresses])
  const add = () => {
    const wrong = faultOfAddress(typed, [...fixed, ...added])
    setFault(wrong)
    const origin = readOrigin(typed)
    if (wrong !== undefined || origin === undefined) return
    put([...added, origin])
    setTyped('')
  }
  const here = (
    <Badge variant="default" tt="none">
      {t('settings.addresses.here')}
    </Badge>
  )
  return (
    <SectionForm id="addresses" title={title} text={t('settings.addresses.text')} section={section}>
      <SettingRow name="publicUrls" label={title} section={section}>
        <Text size="sm" fw={500}>
          {t('settings.addresses.fixed')}
        </Text>
        <Text size="xs" className="quiet">
          {t('settings.addresses.fixedHelp')}
        </Text>
        <ul className={classes['addresses']}>
          <li>
            <span className={classes['address']}>{t('settings.addresses.listener')}</span>
            <IconLock size={15} aria-hidden />
          </li>
          {fixed.map((address) => (
            <li key={address}>
              <span className={`${classes['address'] ?? ''} mono`}>{address}</span>
              {address === location.origin ? here : null}
              <IconLock size={15} aria-hidden />
            </li>
          ))}
          {added.map((address) => {
            const isHere = address === location.origin && view.values.publicUrls.includes(address)
            const label = isHere ? t('settings.addresses.lastWay') : t('settings.addresses.remove', { address })
            return (
              <li key={address} data-testid="added-address">
                <span className={`${classes['address'] ?? ''} mono`}>{address}</span>
                {isHere ? here : null}
                <Tooltip label={label}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={label}
                    aria-disabled={isHere}
                    {...(isHere ? { 'data-disabled': true } : {})}
                    onClick={() => (isHere ? undefined : put(added.filter((other) => other !== address)))}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                </Tooltip>
              </li>
            )
          })}
        </ul>
      </SettingRow>
      <TextInput
        label={t('settings.addresses.add')}
        description={t('settings.addresses.addHelp')}
        placeholder={t('settings.addresses.placeholder')}
        error={fault === undefined ? section.faultOf('publicUrls') : t(`settings.addresses.${fault}`)}
        name="address"
        type="url"
        autoComplete="off"
        maxLength={300}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setFault(undefined)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || typed.trim() === '') return
          event.preventDefault()
          add()
        }}
        inputContainer={(input) => (
          <div className={classes['add']}>
            {input}
            <Button variant="default" leftSection={<IconPlus size={16} />} onClick={add}>
              {t('settings.addresses.addButton')}
            </Button>
          </div>
        )}
      />
    </SectionForm>
  )
}

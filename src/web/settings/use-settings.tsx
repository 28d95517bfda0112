// The settings of the page: asked once, changed section by section, each change with its way back.
import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { queryOptions, useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SettingName, SettingsValues, SettingsView } from '#wire/api/settings.ts'
import { api, queries } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'

export const settingsQuery = queryOptions({ queryKey: ['settings'], queryFn: ({ signal }) => api.settings.get(undefined, { signal }), staleTime: 5000 })

export type Change = { [Name in SettingName]?: SettingsValues[Name] | null }

/** What brings back what was before the change: the value, or the start's where nobody had set one. */
export function wayBack(before: SettingsView, change: Change): Change {
  const names = Object.keys(change) as SettingName[]
  return Object.fromEntries(names.map((name) => [name, before.changed.includes(name) ? before.values[name] : null])) as Change
}

const keep = (view: SettingsView) => {
  queries.setQueryData(settingsQuery.queryKey, view)
  // The sign-in page is told of its notice, hosts of how often they are looked at.
  void queries.invalidateQueries({ queryKey: ['claim'] })
}

/** Only the last change is offered to be taken back: several such offers at once would be a riddle. */
let offered: string | undefined

/** `section`: its name, for the words that say what was saved. */
export function useSave(view: SettingsView, section: string) {
  const { t } = useTranslation()
  return useMutation({
    mutationFn: (change: Change) => api.settings.change(change),
    onSuccess(saved, change) {
      const back = wayBack(view, change)
      keep(saved)
      if (offered !== undefined) notifications.hide(offered)
      const id = (offered = notifications.show({
        color: 'green',
        autoClose: 8000,
        message: (
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm">{t('settings.saved', { section })}</Text>
            <Button size="compact-sm" variant="subtle" onClick={() => void undo(back, id)} data-testid="undo">
              {t('settings.undo')}
            </Button>
          </Group>
        ),
      }))
    },
  })
  async function undo(back: Change, id: string): Promise<void> {
    notifications.hide(id)
    try {
      keep(await api.settings.change(back))
      notifications.show({ color: 'green', message: t('settings.undone', { section }) })
    } catch (error) {
      notifyFailure(error)
    }
  }
}

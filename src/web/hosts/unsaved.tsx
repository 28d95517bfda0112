// Leaving a form with something typed in it asks once: by its buttons, by the browser's way back, by a link elsewhere, by closing the page.
import { Button, Group, Modal, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import type { RefObject } from 'react'
import { useTranslation } from 'react-i18next'

/** Which forms have something typed in them that is not saved. */
export type Dirty = RefObject<Set<string>>

/** `dirty` is read when somebody wants to leave; a form that has saved takes itself out first. */
export function AskBeforeLeaving({ dirty }: { dirty: Dirty }) {
  const { t } = useTranslation()
  const leaving = useBlocker({
    // What stays on the page and only changes the list behind the form is no leaving.
    shouldBlockFn: ({ current, next }) => dirty.current.size > 0 && (current.pathname !== next.pathname || formOf(current.search) !== formOf(next.search)),
    enableBeforeUnload: () => dirty.current.size > 0,
    withResolver: true,
  })
  if (leaving.status !== 'blocked') return null
  return (
    <Modal opened onClose={leaving.reset} title={t('hosts.unsaved.title')} closeButtonProps={{ 'aria-label': t('parts.close') }} size="sm" zIndex={400}>
      <Text size="sm">{t('hosts.unsaved.text')}</Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={leaving.proceed} data-testid="discard">
          {t('hosts.unsaved.discard')}
        </Button>
        <Button onClick={leaving.reset} data-autofocus>
          {t('hosts.unsaved.stay')}
        </Button>
      </Group>
    </Modal>
  )
}

/** Which form is open, as the address says. */
const formOf = (search: object): unknown => ('host' in search ? search.host : 'edit' in search ? search.edit : undefined)

import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copyText } from './clipboard.ts'
import type { ClipboardOffer } from './clipboard-consent.ts'
import classes from './comfort.module.css'
import { shownPaste } from './paste.ts'

/** A click that was meant for what stood here before must not give something away. */
const readyAfterMs = 600

/** What the host wants on the clipboard, with its beginning. Takes no focus: whoever types goes on typing. Keyed by the offer. */
export function ClipboardCard({ offer, onDone }: { offer: ClipboardOffer; onDone: () => void }) {
  const { t } = useTranslation()
  const [ready, setReady] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), readyAfterMs)
    return () => clearTimeout(timer)
  }, [])
  const copy = async () => {
    const copied = await copyText(offer.text)
    notifications.show({ color: copied ? 'teal' : 'yellow', message: t(copied ? 'comfort.clipboard.copied' : 'comfort.clipboard.failed'), autoClose: 2000 })
    onDone()
  }
  return (
    <div className={classes['offer']} role="alert" data-testid="clipboard-offer">
      <Text size="sm" fw={600}>
        {offer.tooLarge ? t('comfort.clipboard.tooLarge') : t('comfort.clipboard.title', { n: Array.from(offer.text).length.toLocaleString() })}
      </Text>
      {offer.tooLarge ? null : (
        <>
          <Text size="xs" className="quiet">
            {t('comfort.clipboard.text')}
          </Text>
          <pre className={classes['offerText']}>{shownPaste(offer.text, 300)}</pre>
        </>
      )}
      <Group gap="xs" justify="flex-end">
        <Button size="xs" variant="default" onClick={onDone}>
          {offer.tooLarge ? t('parts.close') : t('comfort.clipboard.refuse')}
        </Button>
        {offer.tooLarge ? null : (
          <Button size="xs" disabled={!ready} onClick={() => void copy()}>
            {t('comfort.clipboard.allow')}
          </Button>
        )}
      </Group>
    </div>
  )
}

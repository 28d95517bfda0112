// A grant asks why before the session opens.
import { Button, FocusTrap, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tab } from './open-tabs.ts'
import { reconnectTab } from './open-tabs.ts'
import classes from './terminal.module.css'

/** As many as a ticket takes. */
const mostChars = 500

export function ReasonCard({ tab, onClose }: { tab: Tab; onClose: () => void }) {
  const { t } = useTranslation()
  const id = useId()
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const connect = () => {
    setTried(true)
    if (reason.trim() !== '') reconnectTab(tab.id, reason.trim())
  }
  return (
    <div className={classes['over']}>
      <FocusTrap active>
        <div className={classes['card']} role="dialog" aria-labelledby={id} data-testid="ask-reason">
          <Title order={2} id={id} mb={6}>
            {t('live.reason.title')}
          </Title>
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              connect()
            }}
          >
            <Stack gap="sm">
              <Text size="sm" className="quiet">
                {t('live.reason.text', { host: tab.goal.host })}
              </Text>
              <Textarea
                label={t('live.reason.label')}
                description={t('live.reason.help')}
                name="reason"
                data-autofocus
                autosize
                minRows={2}
                maxRows={6}
                maxLength={mostChars}
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
                onKeyDown={(event) => {
                  // One sentence is meant: Enter sends it, with Shift it goes to the next line.
                  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
                  event.preventDefault()
                  connect()
                }}
                error={tried && reason.trim() === '' ? t('live.reason.needed') : undefined}
              />
              <Group justify="flex-end" gap="xs" mt={4}>
                <Button variant="default" onClick={onClose}>
                  {t('live.reason.decline')}
                </Button>
                <Button type="submit" data-testid="reason-connect">
                  {t('live.reason.connect')}
                </Button>
              </Group>
            </Stack>
          </form>
        </div>
      </FocusTrap>
    </div>
  )
}

import { Button } from '@mantine/core'
import { IconTerminal2 } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { RunningSessions } from './running-sessions.tsx'

export function TerminalsEmpty() {
  const { t } = useTranslation()
  const [title, product] = [t('terminals.title'), t('frame.product')]
  useEffect(() => {
    document.title = `${title} · ${product}`
  }, [title, product])
  return (
    <>
      <RunningSessions />
      <EmptyPlace icon={IconTerminal2} title={t('terminals.empty.title')} text={t('terminals.empty.text')}>
        <Button component={Link} to="/hosts">
          {t('terminals.empty.hosts')}
        </Button>
      </EmptyPlace>
    </>
  )
}

import { CloseButton, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useTranslation } from 'react-i18next'
import type { Tone } from '../parts/state-dot.tsx'
import { StateDot } from '../parts/state-dot.tsx'
import type { Tab, TabState } from './open-tabs.ts'
import { tabTitle } from './open-tabs.ts'
import classes from './terminal.module.css'

const tones: Record<TabState, Tone> = { asking: 'warn', connecting: 'warn', prompting: 'warn', open: 'live', ended: 'calm' }

type Props = { tabs: readonly Tab[]; current: string | undefined; onChoose: (id: string) => void; onClose: (id: string) => void }

export function TabStrip({ tabs, current, onChoose, onClose }: Props) {
  const { t } = useTranslation()
  const close = (tab: Tab) => {
    if (tab.state === 'ended') return onClose(tab.id)
    const title = tabTitle(tab)
    modals.openConfirmModal({
      title: t('terminals.closeTitle', { title }),
      children: <Text size="sm">{t('terminals.closeText')}</Text>,
      labels: { confirm: t('terminals.closeDo'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => onClose(tab.id),
    })
  }
  const move = (event: React.KeyboardEvent, at: number) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (step === 0 || !next) return
    event.preventDefault()
    onChoose(next.id)
    document.getElementById(`tab-${next.id}`)?.focus()
  }
  return (
    <div className={classes['strip']} role="tablist" aria-label={t('terminals.tabs')}>
      {tabs.map((tab, at) => {
        const title = tabTitle(tab)
        return (
          <div key={tab.id} className={classes['tab']} data-current={tab.id === current || undefined} role="presentation">
            <button
              type="button"
              role="tab"
              id={`tab-${tab.id}`}
              aria-selected={tab.id === current}
              aria-controls={`pane-${tab.id}`}
              tabIndex={tab.id === current ? 0 : -1}
              className={classes['tabName']}
              title={tab.hostTitle === undefined ? title : `${title}: ${tab.hostTitle}`}
              onClick={() => onChoose(tab.id)}
              onKeyDown={(event) => move(event, at)}
            >
              <StateDot tone={tab.end?.failure === undefined ? tones[tab.state] : 'bad'} pulse={tab.state !== 'open' && tab.state !== 'ended'} />
              <span className={classes['tabTitle']}>{title}</span>
              <span className="visually-hidden">{t(`terminals.state.${tab.state}`)}</span>
            </button>
            <CloseButton size="sm" variant="transparent" aria-label={t('terminals.closeTab', { title })} onClick={() => close(tab)} />
          </div>
        )
      })}
    </div>
  )
}

import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tab, TabState } from './open-tabs.ts'
import { tabTitle } from './open-tabs.ts'

/** What a screen reader is told: the state of a terminal when it changes, and what is said in between. */
export function useSpokenStates(tabs: readonly Tab[]): { spoken: string; say: (text: string) => void } {
  const { t } = useTranslation()
  const [spoken, say] = useState('')
  const before = useRef(new Map<string, TabState>())
  useEffect(() => {
    const changed = tabs.filter((tab) => before.current.get(tab.id) !== tab.state)
    before.current = new Map(tabs.map((tab) => [tab.id, tab.state]))
    if (changed.length > 0) say(changed.map((tab) => t('comfort.state', { title: tabTitle(tab), state: t(`terminals.state.${tab.state}`) })).join('. '))
  }, [tabs, t])
  return { spoken, say }
}

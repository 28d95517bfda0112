import { useSyncExternalStore } from 'react'
import type { Tab } from './open-tabs.ts'
import { listTabs, subscribeTabs } from './open-tabs.ts'

export const useTabs = (): readonly Tab[] => useSyncExternalStore(subscribeTabs, listTabs)

import { afterEach, describe, expect, it } from 'vitest'
import type { Goal } from './open-tabs.ts'
import { changeTab, closeAllTabs, closeTab, listTabs, mostTabs, openTab, reconnectTab, subscribeTabs, tabTitle } from './open-tabs.ts'

const goal: Goal = { kind: 'asset', asset: 'as_1', account: 'root', host: 'web-1' }
afterEach(closeAllTabs)

describe('open terminals', () => {
  it('open, change, end, connect again with a fresh terminal', () => {
    const id = openTab(goal) ?? ''
    changeTab(id, 1, { state: 'open', session: 'se_1' })
    reconnectTab(id)
    expect(listTabs()[0]).toMatchObject({ attempt: 1, state: 'open' })
    changeTab(id, 1, { state: 'ended', end: { reason: 'exited' } })
    reconnectTab(id)
    expect(listTabs()).toEqual([{ id, attempt: 2, goal, state: 'asking' }])
    // A late event of the first connection does not touch the second.
    changeTab(id, 1, { state: 'ended' })
    expect(listTabs()[0]?.state).toBe('asking')
    expect(tabTitle(listTabs()[0]!)).toBe('root@web-1')
  })
  it('say which to show when one closes', () => {
    const [a, b, c] = [openTab(goal)!, openTab(goal)!, openTab(goal)!]
    expect(closeTab(b)).toBe(c)
    expect(closeTab(c)).toBe(a)
    expect(closeTab(a)).toBeUndefined()
  })
  it('are at most 32; ended ones give way', () => {
    const ids = Array.from({ length: mostTabs }, () => openTab(goal)!)
    expect(openTab(goal)).toBeUndefined()
    changeTab(ids[5]!, 1, { state: 'ended' })
    expect(openTab(goal)).toBeDefined()
    expect(listTabs()).toHaveLength(mostTabs)
    expect(listTabs().some((tab) => tab.id === ids[5])).toBe(false)
  })
  it('tell who listens, until they stop', () => {
    let told = 0
    const stop = subscribeTabs(() => told++)
    openTab(goal)
    stop()
    openTab(goal)
    expect(told).toBe(1)
  })
})

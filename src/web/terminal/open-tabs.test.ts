import { afterEach, describe, expect, it } from 'vitest'
import type { Goal } from './open-tabs.ts'
import {
  asksReason,
  changeTab,
  closeAllTabs,
  closeTab,
  lastClosed,
  listTabs,
  longestName,
  mostClosed,
  mostTabs,
  moveTab,
  openTab,
  readState,
  reconnectTab,
  renameTab,
  reopenTab,
  restoreTab,
  subscribeTabs,
  tabTitle,
  takeBackTab,
} from './open-tabs.ts'

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
    expect(listTabs()).toEqual([{ id, attempt: 2, goal, name: undefined, state: 'asking' }])
    // A late event of the first connection does not touch the second.
    changeTab(id, 1, { state: 'ended' })
    expect(listTabs()[0]?.state).toBe('asking')
    expect(tabTitle(listTabs()[0]!)).toBe('root@web-1')
  })
  it('take a session back that went elsewhere', () => {
    const id = openTab(goal, { attach: 'se_1' }) ?? ''
    expect(listTabs()[0]).toMatchObject({ attach: 'se_1', state: 'asking' })
    changeTab(id, 1, { state: 'ended', session: 'se_1', end: { takenOver: true } })
    takeBackTab(id)
    expect(listTabs()).toEqual([{ id, attempt: 2, goal, name: undefined, attach: 'se_1', state: 'asking' }])
    // A new connection to the same place is a new session.
    changeTab(id, 2, { state: 'ended' })
    reconnectTab(id)
    expect(listTabs()[0]).not.toHaveProperty('attach')
  })
  it('come back under their own ids, and new ones do not take those', () => {
    restoreTab({ id: '900', goal, name: 'mine', session: 'se_1' })
    expect(listTabs()[0]).toEqual({ id: '900', attempt: 1, goal, name: 'mine', session: 'se_1', state: 'connecting' })
    expect(Number(openTab(goal))).toBeGreaterThan(900)
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
  it('are called what the person calls them, also after connecting again', () => {
    const id = openTab(goal) ?? ''
    const title = () => tabTitle(listTabs()[0]!)
    renameTab(id, '  deploys \u202e\u001b[31m ')
    expect(title()).toBe('deploys [31m')
    changeTab(id, 1, { state: 'ended' })
    reconnectTab(id)
    expect(title()).toBe('deploys [31m')
    renameTab(id, 'x'.repeat(200))
    expect(title()).toHaveLength(longestName)
    renameTab(id, '   ')
    expect(title()).toBe('root@web-1')
  })
  it('stand in the order that the person gives them', () => {
    const [a, b, c] = [openTab(goal)!, openTab(goal)!, openTab(goal)!]
    const order = () => listTabs().map(({ id }) => id)
    moveTab(a, 1)
    expect(order()).toEqual([b, a, c])
    moveTab(c, -5)
    expect(order()).toEqual([c, b, a])
    moveTab(c, 99)
    moveTab('none', 0)
    expect(order()).toEqual([b, a, c])
    const d = openTab(goal, { after: b })!
    expect(order()).toEqual([b, d, a, c])
  })
  it('are opened again in the reverse order of closing, a bounded number of them', () => {
    expect([lastClosed(), reopenTab()]).toEqual([undefined, undefined])
    const a = openTab(goal)!
    renameTab(a, 'first')
    const b = openTab({ ...goal, host: 'web-2' })!
    closeTab(a)
    closeTab(b)
    expect(lastClosed()?.goal.host).toBe('web-2')
    reopenTab()
    reopenTab()
    expect(listTabs().map(tabTitle)).toEqual(['root@web-2', 'first'])
    expect(reopenTab()).toBeUndefined()
    for (let at = 0; at < mostClosed + 5; at++) closeTab(openTab(goal)!)
    let opened = 0
    while (reopenTab() !== undefined) opened++
    expect(opened).toBe(mostClosed)
  })
})

describe('a tab that is asked why', () => {
  it('waits for an answer and has ended nothing; the answer goes with the next attempt alone', () => {
    closeAllTabs()
    const id = openTab({ kind: 'asset', asset: 'as_1', account: 'root', host: 'web1' }) ?? ''
    changeTab(id, 1, { state: 'ended', end: { failure: 'reason_required' } })
    const [asked] = listTabs()
    expect(asked && [asksReason(asked), readState(asked)]).toEqual([true, 'prompting'])
    reconnectTab(id, 'ticket 4711')
    expect(listTabs()[0]).toMatchObject({ attempt: 2, state: 'asking', reason: 'ticket 4711' })
    changeTab(id, 2, { state: 'ended', end: { reason: 'exited' } })
    expect(listTabs().map(readState)).toEqual(['ended'])
    reconnectTab(id)
    expect(listTabs()[0]).not.toHaveProperty('reason')
    closeAllTabs()
  })
})

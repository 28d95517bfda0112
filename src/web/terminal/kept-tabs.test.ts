import { afterEach, describe, expect, it } from 'vitest'
import { dropKey, keepKey, keepTabs, keyOf } from './kept-tabs.ts'
import type { Goal } from './open-tabs.ts'
import { changeTab, closeAllTabs, closeTab, listTabs, openTab, renameTab } from './open-tabs.ts'

const goal: Goal = { kind: 'asset', asset: 'as_1', account: 'root', host: 'web-1' }
class Place {
  kept = new Map<string, string>()
  isFull = false
  getItem = (name: string) => this.kept.get(name) ?? null
  setItem(name: string, value: string) {
    if (this.isFull) throw new Error('QuotaExceededError')
    this.kept.set(name, value)
  }
  removeItem = (name: string) => void this.kept.delete(name)
  get text() {
    return [...this.kept.values()].join('')
  }
}
let person = 0
/** The page is loaded again: nothing is left but the storage. */
function reload(place: Place, as = `op_${person}`) {
  const text = place.text
  closeAllTabs()
  place.kept.clear()
  if (text !== '') place.kept.set('sallyport.terminals', text)
  keepTabs('nobody', new Place())
  keepTabs(as, place)
}
function begun() {
  const place = new Place()
  keepTabs(`op_${++person}`, place)
  const id = openTab(goal, { name: 'mine' }) ?? ''
  changeTab(id, 1, { state: 'open', session: 'se_1', openedAtMs: 5, cols: 132, rows: 50 })
  keepKey(id, 'se_1', 'key-one')
  return { place, id }
}
afterEach(closeAllTabs)

describe('terminals over a reload', () => {
  it('come back with the newest key, under their ids and names', () => {
    const { place, id } = begun()
    keepKey(id, 'se_1', 'key-two')
    renameTab(id, 'renamed')
    reload(place)
    expect(listTabs()).toEqual([{ id, attempt: 1, goal, name: 'renamed', session: 'se_1', openedAtMs: 5, cols: 132, rows: 50, state: 'connecting' }])
    expect(keyOf(id)).toEqual({ session: 'se_1', key: 'key-two' })
    reload(place)
    expect(keyOf(id)).toEqual({ session: 'se_1', key: 'key-two' })
  })
  it('come back to nobody else', () => {
    const { place } = begun()
    reload(place, 'op_other')
    expect(listTabs()).toEqual([])
    expect(place.text).toBe('')
  })
  it('are forgotten when they are closed or over, and keep their place without a key when they went elsewhere', () => {
    const { place, id } = begun()
    changeTab(id, 1, { state: 'ended', end: { takenOver: true } })
    dropKey(id)
    expect(place.text).toContain('se_1')
    expect(place.text).not.toContain('key-one')
    changeTab(id, 1, { state: 'ended', end: { reason: 'exited' } })
    expect(place.text).toBe('')
    keepKey(id, 'se_1', 'late')
    closeTab(id)
    expect(keyOf(id)).toBeUndefined()
  })
  it('bring back what was watched, without a key', () => {
    const { place } = begun()
    openTab({ kind: 'watch', session: 'se_2', operator: 'ada', account: 'root', host: 'db' })
    reload(place)
    expect(listTabs().map((tab) => tab.goal.kind)).toEqual(['asset', 'watch'])
  })
  it('do not mind a storage that is full, or that holds something else', () => {
    const { place, id } = begun()
    place.isFull = true
    keepKey(id, 'se_1', 'key-two')
    for (const junk of ['{', '7', 'null', '{"operator":"op_x","tabs":[{"id":"<b>","goal":{}}]}', '[]']) {
      place.isFull = false
      place.kept.set('sallyport.terminals', junk)
      closeAllTabs()
      keepTabs('nobody', new Place())
      place.kept.set('sallyport.terminals', junk)
      expect(() => keepTabs('op_x', place)).not.toThrow()
      expect(listTabs()).toEqual([])
    }
  })
})

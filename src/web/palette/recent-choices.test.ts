import { expect, it } from 'vitest'
import { mostRecent, readRecent, type RecentChoice, withoutRecent, withRecent } from './recent-choices.ts'

const host = (id: string): RecentChoice => ({ kind: 'host', id, name: id })

it('keeps the newest first, each once, a few', () => {
  let kept: RecentChoice[] = []
  for (const id of ['a', 'b', 'a', 'c', 'd', 'e', 'f', 'g']) kept = withRecent(kept, host(id))
  expect(kept).toHaveLength(mostRecent)
  expect(readRecent(JSON.stringify(withRecent(kept, host('e')))).slice(0, 2)).toEqual([host('e'), host('g')])
  expect(withoutRecent(kept, host('g'))).not.toContainEqual(host('g'))
})

it('leaves out what something else has written', () => {
  for (const bad of [null, '', '{', '7', '{"kind":"host"}', '[1,null,{"kind":"other"},{"kind":"host","id":7}]']) expect(readRecent(bad)).toEqual([])
  expect(readRecent('[{"kind":"local","id":"settings","more":1},3]')).toEqual([{ kind: 'local', id: 'settings' }])
})

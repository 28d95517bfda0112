import { describe, expect, it } from 'vitest'
import { inBites, mostAtOnce, undoOfTags } from './bulk-change.ts'

describe('a change of many hosts', () => {
  it('goes in bites that the server takes', () => {
    const bites = inBites(Array.from({ length: 1201 }, (_, at) => at))
    expect(bites.map((bite) => bite.length)).toEqual([500, 500, 201])
    expect(bites.flat()).toHaveLength(1201)
    expect(inBites([])).toEqual([])
  })

  it('is taken back where it changed something, and nowhere else', () => {
    const hosts = [
      { id: 'a', tags: ['prod', 'old'] },
      { id: 'b', tags: ['old'] },
      { id: 'c', tags: ['prod'] },
      { id: 'd', tags: ['old'] },
    ]
    const undo = undoOfTags(hosts, { addTags: ['prod'], removeTags: ['old'] })
    expect(undo).toEqual([
      { ids: ['a'], addTags: ['old'] },
      { ids: ['b', 'd'], addTags: ['old'], removeTags: ['prod'] },
    ])
    // Done and undone, every host is as it was.
    const after = new Map(hosts.map(({ id, tags }) => [id, new Set([...tags, 'prod'].filter((tag) => tag !== 'old'))]))
    for (const { ids, addTags = [], removeTags = [] } of undo)
      for (const id of ids) {
        for (const tag of addTags) after.get(id)?.add(tag)
        for (const tag of removeTags) after.get(id)?.delete(tag)
      }
    for (const { id, tags } of hosts) expect([...(after.get(id) ?? [])].toSorted()).toEqual(tags.toSorted())
  })

  it('is undone in bites too', () => {
    const hosts = Array.from({ length: mostAtOnce + 1 }, (_, at) => ({ id: `${at}`, tags: [] }))
    expect(undoOfTags(hosts, { addTags: ['x'] }).map(({ ids }) => ids.length)).toEqual([mostAtOnce, 1])
  })
})

import { expect, it } from 'vitest'
import { choose, isShown, readKept } from './kept-columns.ts'

const plain = { key: 'door' }
const hidden = { key: 'source', hidden: true }

it('shows the usual columns, and what was chosen beside them', () => {
  expect([isShown(plain, {}), isShown(hidden, {}), isShown({ key: 'acts', fixed: true }, { acts: false })]).toEqual([true, false, true])
  const kept = choose(hidden, true, choose(plain, false, {}))
  expect(kept).toEqual({ door: false, source: true })
  expect([isShown(plain, kept), isShown(hidden, kept)]).toEqual([false, true])
})

it('forgets a choice that is the usual one', () => {
  expect(choose(plain, true, { door: false, other: true })).toEqual({ other: true })
  expect(choose(hidden, false, { source: true })).toEqual({})
})

it('takes nothing that is not its own', () => {
  for (const text of [null, '', 'x', '[]', '{"a":1}', 'null']) expect(readKept(text)).toEqual({})
  expect(readKept('{"door":false}')).toEqual({ door: false })
})

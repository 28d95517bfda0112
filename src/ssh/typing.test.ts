import { expect, it } from 'vitest'
import { Typing } from './typing.ts'

it('knows whether anybody else has typed within the last half second', () => {
  let nowMs = 1000
  const typing = new Typing(() => nowMs)
  const [ada, bob, cem] = [typing.join(), typing.join(), typing.join()]
  const seen = () => [ada, bob, cem].map((who) => typing.othersType(who))
  expect(seen()).toEqual([false, false, false])
  typing.typed(ada)
  expect(seen()).toEqual([false, true, true])
  nowMs += 300
  typing.typed(ada)
  typing.typed(bob)
  expect(seen()).toEqual([true, true, true])
  nowMs += 499
  typing.typed(bob)
  // Bob types on; Ada's last key is 500 ms old in a moment.
  nowMs += 1
  expect(seen()).toEqual([true, false, true])
  nowMs += 499
  expect(seen()).toEqual([false, false, false])
})

import { describe, expect, it } from 'vitest'
import { Lanes } from './lanes.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Starts works that end when told, and knows which are running. */
function watch(lanes: Lanes) {
  const running = new Set<string>()
  const ends = new Map<string, () => void>()
  const begin = (name: string, alone = false) =>
    lanes.run(alone, async () => {
      running.add(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
      running.delete(name)
    })
  const end = async (name: string) => {
    ends.get(name)?.()
    await turn()
    return [...running]
  }
  return { running, begin, end }
}

describe('lanes', () => {
  it('let as many run side by side as they are wide, in the order they came', async () => {
    const { running, begin, end } = watch(new Lanes(2))
    const all = ['a', 'b', 'c', 'd'].map((name) => begin(name))
    await turn()
    expect([...running]).toEqual(['a', 'b'])
    expect(await end('b')).toEqual(['a', 'c'])
    expect(await end('a')).toEqual(['c', 'd'])
    await end('c')
    expect(await end('d')).toEqual([])
    await Promise.all(all)
  })

  it('let one be alone, passed by nobody who came later', async () => {
    const { running, begin, end } = watch(new Lanes(3))
    const all = [begin('a'), begin('alone', true), begin('b'), begin('c')]
    await turn()
    expect([...running]).toEqual(['a'])
    expect(await end('a')).toEqual(['alone'])
    expect(await end('alone')).toEqual(['b', 'c'])
    await end('b')
    await end('c')
    await Promise.all(all)
  })

  it('go on after a work that failed', async () => {
    const lanes = new Lanes(1)
    await expect(lanes.run(true, () => Promise.reject(new Error('undone')))).rejects.toThrow('undone')
    expect(await lanes.run(false, () => Promise.resolve('next'))).toBe('next')
  })

  it('refuse a crowd in words', async () => {
    const { begin, end } = watch(new Lanes(1))
    const first = begin('first')
    const crowd = Array.from({ length: 2000 }, (_each, index) => begin(String(index)))
    await expect(begin('too many')).rejects.toMatchObject({ code: 'rate_limited' })
    await turn()
    await end('first')
    await first
    for (let index = 0; index < crowd.length; index += 1) await end(String(index))
    await Promise.all(crowd)
  })
})

import { describe, expect, it } from 'vitest'
import { useEngine } from '../store/test-engines.ts'
import { openDoor } from './test-door.ts'

describe('sign-in', () => {
  const engine = useEngine('sqlite')

  it('takes as long for an unknown name and a disabled operator as for a wrong password: medians of 200 within 10 %', async () => {
    const door = await openDoor(await engine.open(), engine.makeFolder())
    const { passwordHash } = await door.store.db.selectFrom('operators').select('passwordHash').executeTakeFirstOrThrow()
    const gone = { id: 'op_gone', username: 'gone', name: 'gone', role: 'admin', mayWatch: 1, enabled: 0, passwordHash, createdAt: 1 }
    await door.store.transaction((trx) => trx.insertInto('operators').values(gone).execute())
    const kinds = [{ username: 'nobody' }, { username: 'gone' }, { username: 'ann', password: 'wrong horse battery' }]
    const took: number[][] = kinds.map(() => [])
    for (let tries = -10; tries < 200; tries += 1) {
      // One after the other and each time in another order, so that the load of the machine falls on all alike.
      for (let turn = 0; turn < kinds.length; turn += 1) {
        const kind = (turn + tries + 10) % kinds.length
        // Beyond the hour after which failures are forgotten: nothing is slowed.
        door.clock.now += 3_600_001
        const began = performance.now()
        expect(await door.tryIn(kinds[kind])).toBe('sign_in_failed')
        if (tries >= 0) took[kind]?.push(performance.now() - began)
      }
    }
    const medians = took.map((times) => times.toSorted((one, other) => one - other)[100] ?? 0)
    expect(Math.max(...medians) / Math.min(...medians), `medians in ms: ${medians.map((median) => median.toFixed(2)).join(', ')}`).toBeLessThan(1.1)
  }, 120_000)
})

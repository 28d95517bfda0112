import { describe, expect, it } from 'vitest'
import { mostRemembered, preferredAccount, readAccounts, withAccount } from './last-account.ts'

const accounts = [{ username: 'deploy' }, { username: 'root' }]

describe('the account that Connect uses', () => {
  it('is the last used one, and the first where none was used or it is gone', () => {
    expect(preferredAccount('root', accounts)).toEqual({ username: 'root' })
    expect(preferredAccount(undefined, accounts)).toEqual({ username: 'deploy' })
    expect(preferredAccount('removed', accounts)).toEqual({ username: 'deploy' })
    expect(preferredAccount('root', [])).toBeUndefined()
  })

  it('is remembered per host, the newest last', () => {
    const kept = withAccount(readAccounts(withAccount(readAccounts(withAccount(new Map(), 'a', 'root')), 'b', 'deploy')), 'a', 'deploy')
    expect([...readAccounts(kept)]).toEqual([
      ['b', 'deploy'],
      ['a', 'deploy'],
    ])
  })

  it('is forgotten for the host used longest ago when there are too many', () => {
    const full = new Map(Array.from({ length: mostRemembered }, (_, at) => [`host-${at}`, 'root'] as const))
    const kept = readAccounts(withAccount(full, 'one more', 'root'))
    expect(kept.size).toBe(mostRemembered)
    expect(kept.has('host-0')).toBe(false)
    expect(kept.get('one more')).toBe('root')
  })

  it('survives what others wrote there', () => {
    for (const kept of [null, '', '{', '{}', '"a"', '[1,["a"],["a",2],null]']) expect(readAccounts(kept).size).toBe(0)
    expect([...readAccounts('[["__proto__","root"],3]')]).toEqual([['__proto__', 'root']])
  })
})

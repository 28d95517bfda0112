import { expect, it } from 'vitest'
import { emptySecret, readSecret, secretFaults } from './secret-draft.ts'

it('asks of a secret only what its kind needs, and sends no more', () => {
  const typed = { ...emptySecret, password: 'p', privateKey: 'k', passphrase: 'f' }
  expect(readSecret({ ...typed, kind: 'password' })).toEqual({ kind: 'password', password: 'p' })
  expect(readSecret({ ...typed, kind: 'key' })).toEqual({ kind: 'key', privateKey: 'k', passphrase: 'f' })
  expect(readSecret({ ...typed, kind: 'key', passphrase: '' })).toEqual({ kind: 'key', privateKey: 'k' })
  expect(readSecret({ ...typed, kind: 'generate' })).toEqual({ kind: 'generate' })
  expect(readSecret({ ...typed, kind: 'ask' })).toEqual({ kind: 'ask' })
  const faults = (['password', 'key', 'generate', 'ask'] as const).map((kind) => [...secretFaults({ ...emptySecret, kind })])
  expect(faults).toEqual([['password'], ['privateKey'], [], []])
})

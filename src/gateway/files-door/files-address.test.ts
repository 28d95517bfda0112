import { expect, test } from 'vitest'
import { heldBy, isFilesPath, readFilesAddress } from './files-address.ts'

const session = `se_theregwy${'b'.repeat(24)}`

test('names a session and what is asked of it', () => {
  const address = readFilesAddress(`/api/v1/files/${session}/uploads/up_1a/finish?offset=7`)
  expect(address).toMatchObject({ session, names: ['uploads', 'up_1a', 'finish'] })
  expect(address?.query.get('offset')).toBe('7')
  expect(address && heldBy(address)).toBe(session)
})

test('a new session may name the terminal beside it, whose gateway opens it', () => {
  expect(readFilesAddress('/api/v1/files')).toMatchObject({ session: undefined, beside: undefined })
  const address = readFilesAddress(`/api/v1/files?beside=${session}`)
  expect(address && heldBy(address)).toBe(session)
})

test.each([
  '/api/v1/files/',
  '/api/v1/files/se_short/list',
  '/api/v1/files?beside=../x',
  '/api/v1/files?beside=',
  `/api/v1/files/${session}/../../me`,
  `/api/v1/files/${session}/uploads//finish`,
  `/api/v1/files/${session}/uploads/%2e%2e`,
  `/api/v1/files/${session}/a/b/c/d/e`,
  `/api/v1/files/${session}/${'a'.repeat(65)}`,
  '/api/v1/filesx',
  undefined,
])('%s is none of ours', (url) => {
  expect(readFilesAddress(url)).toBeUndefined()
})

test('only what is below it belongs to it', () => {
  expect(['/api/v1/files', '/api/v1/files/x', '/api/v1/filesx', '/api/v1/file'].map(isFilesPath)).toEqual([true, true, false, false])
})

import { expect, it } from 'vitest'
import { showsPassword } from './database-address.ts'

const address = 'postgres://sallyport:s3cret@db/sallyport'
it.each<[string, string | undefined, string[], boolean]>([
  ['a flag and its value', address, ['serve', '--database', address], true],
  ['a flag with its value', address, ['serve', `--database=${address}`], true],
  ['a password as a parameter', 'postgres://db/x?user=a&password=b', ['postgres://db/x?user=a&password=b'], true],
  ['the environment', address, ['serve'], false],
  ['a socket without a password', 'postgres:///x?host=/run/postgresql', ['postgres:///x?host=/run/postgresql'], false],
  ['no database', undefined, ['serve'], false],
])('a password of the database is seen by everyone: %s', (_name, database, argv, isShown) => {
  expect(showsPassword(database, argv)).toBe(isShown)
})

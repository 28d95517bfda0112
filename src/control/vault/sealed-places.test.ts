import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sealedPlaces } from './sealed-places.ts'

it('lists every column of the schema that holds something sealed', () => {
  const schema = readFileSync(join(import.meta.dirname, '..', 'store', 'schema.ts'), 'utf8')
  const found: string[] = []
  let table = ''
  for (const line of schema.split('\n')) {
    table = /^ {2}(\w+): \{/.exec(line)?.[1] ?? table
    for (const [, column] of line.matchAll(/\b(\w*[sS]ealed\w*)\??: /g)) found.push(`${table}.${column}`)
  }
  expect(found.length).toBeGreaterThan(2)
  const listed = sealedPlaces.filter(({ only }) => only === undefined).map(({ table: name, column }) => `${name}.${column}`)
  expect(listed.toSorted()).toEqual(found.toSorted())
})

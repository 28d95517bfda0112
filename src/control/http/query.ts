// The query of a request: names and single values, nothing nested. Repeated names and brackets, which frameworks turn into arrays and objects, are refused by name.
import { Failure } from '#domain/failure.ts'
import { isPlainText } from './json-body.ts'

export const maxQueryFields = 20
/** C0 but the tab, DEL, C1, separators of lines, overrides and isolates of direction: nothing is called so, and what was searched for is told in the ledger and in files made of it. */
const acting = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** Reads what stands after `?`. Throws `bad_request` and `unknown_field` with the field. */
export function readQuery(search: string): Record<string, string> {
  const found: Record<string, string> = {}
  let count = 0
  for (const [name, value] of new URLSearchParams(search)) {
    if (++count > maxQueryFields) throw new Failure('bad_request', `A query has at most ${maxQueryFields} fields.`)
    if (!/^[a-zA-Z][a-zA-Z0-9]{0,39}$/.test(name)) throw new Failure('unknown_field', 'There is no field with this name.', { field: name })
    if (Object.hasOwn(found, name)) throw new Failure('bad_request', 'The field is given twice.', { field: name })
    if (!isPlainText(value) || acting.test(value)) throw new Failure('bad_request', 'The text has a control character, which finds nothing.', { field: name })
    found[name] = value
  }
  return found
}

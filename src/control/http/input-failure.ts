// Turns what zod says of an input into one failure that names the field.
import { Failure, type FailureCode } from '#domain/failure.ts'

type Issue = {
  readonly code?: string | undefined
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
  readonly message: string
  readonly keys?: readonly string[] | undefined
}

const byField: Readonly<Record<string, FailureCode>> = {
  name: 'name_invalid',
  username: 'name_invalid',
  address: 'address_invalid',
  password: 'password_too_weak',
}

/** An unknown field is said before anything else: it is what a program that is out of date, or one that tries for more, sends. Returns undefined when there is no issue. */
export function inputFailure(issues: readonly Issue[]): Failure | undefined {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys')
  if (unknown) return new Failure('unknown_field', 'There is no field with this name.', { field: pathOf(unknown, unknown.keys?.[0]) })
  const [first] = issues
  if (!first) return undefined
  const field = pathOf(first)
  return new Failure(codeOf(first, field), `${sentence(first.message)}`, field === '' ? {} : { field })
}

function codeOf(issue: Issue, field: string): FailureCode {
  // A value of the wrong type, or none at all, is a mistake of the program; a value of the right type is one of the person.
  if (issue.code === 'invalid_type') return 'bad_request'
  const name = field.split('.').at(-1) ?? ''
  return (name === 'password' && field !== 'password' ? undefined : byField[name]) ?? 'bad_request'
}

function pathOf(issue: Issue, key?: string): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  return (key === undefined ? path : [...path, key]).join('.')
}

const sentence = (text: string) => (/^[a-z]/.test(text) ? `The value ${text}.` : `${text}.`)

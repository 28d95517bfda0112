// Reads a JSON body from a stranger: bounded in bytes by the server and in depth here, refusing what no honest client sends and what databases and objects stumble over.
import { Failure } from '#domain/failure.ts'

/** The deepest input of the contract has four levels. */
export const maxDepth = 16

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The object that a body holds; an empty body is none. Throws `bad_request`, and `unknown_field` for `__proto__`, naming the field. */
export function readJsonBody(bytes: Uint8Array): Record<string, unknown> | undefined {
  if (bytes.length === 0) return undefined
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Failure('bad_request', 'The body is not a JSON object.')
  refuseOddValues(value)
  return value as Record<string, unknown>
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    throw new Failure('bad_request', 'The body is not valid JSON in UTF-8.', { cause })
  }
}

/**
 * Walks without recursion, so that nesting cannot overflow the stack. `__proto__` as a key would let an input choose the prototype of an object that is copied later.
 * U+0000 and half surrogates are text that PostgreSQL does not take: they would be a 500 there and not on SQLite.
 */
export function refuseOddValues(root: object): void {
  const waiting: { value: object; path: string; depth: number }[] = [{ value: root, path: '', depth: 1 }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.depth > maxDepth) throw new Failure('bad_request', `The body is nested deeper than ${maxDepth} levels.`, { field: next.path })
    for (const [key, value] of Object.entries(next.value)) {
      const path = next.path === '' ? key : `${next.path}.${key}`
      if (key === '__proto__') throw new Failure('unknown_field', 'There is no field with this name.', { field: path })
      if (typeof value === 'string' && !isPlainText(value))
        throw new Failure('bad_request', 'The text has a character that is not allowed (U+0000 or half a surrogate pair).', { field: path })
      if (typeof value === 'object' && value !== null) waiting.push({ value, path, depth: next.depth + 1 })
    }
  }
}

export const isPlainText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()

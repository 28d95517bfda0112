// Digests of what an act changed: who holds the same facts gets the same digest, and the ledger need not keep the facts.
import { createHash } from 'node:crypto'

/** Deeper is no fact of ours. */
const maxDepth = 32

/** JSON without blanks, the names of each object in the order of their UTF-16 code units (RFC 8785 section 3.2.3). What has no value is left out; secrets stand as `[secret]`. Throws below 32 levels. */
export const canonicalJson = (value: unknown): string => write(value, 0) ?? 'null'

/** SHA-256 (64 hexadecimal digits) of the canonical JSON; null where there is nothing to digest. */
export const digestOfFacts = (value: unknown): string | null => (value === undefined ? null : createHash('sha256').update(canonicalJson(value)).digest('hex'))

function write(value: unknown, depth: number): string | undefined {
  if (depth > maxDepth) throw new Error('facts for the ledger are nested too deeply')
  if (typeof value === 'bigint') return JSON.stringify(String(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) as string | undefined
  if ('toJSON' in value && typeof value.toJSON === 'function') return write(value.toJSON(), depth + 1)
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry, depth + 1) ?? 'null').join(',')}]`
  const pairs = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, entry]) => {
      const text = write(entry, depth + 1)
      return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`]
    })
  return `{${pairs.join(',')}}`
}

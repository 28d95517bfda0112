// Every field of a JSON Schema, each with a way to put a value there and leave all else as it should be: so that what is refused is refused for this one field.
import type { Schema } from './test-sample-body.ts'

export type Place = (value: unknown) => unknown
/** `path` as failures name it. `put(value)` is the whole body. `types`: what may stand there. */
export type Field = { readonly path: string; readonly types: ReadonlySet<string>; readonly schema: Schema; readonly put: Place }
/** A body's own object, or one within it, with all its fields. */
export type Nest = { readonly path: string; readonly fields: readonly string[]; readonly whole: Record<string, unknown>; readonly put: Place }

/** A body with every field that there is, the optional ones too; of a choice the first. `known`: what a field of this name holds, `name[]` for what an array of this name holds; undefined is left out. */
export function wholeOf(schema: Schema, known: Record<string, unknown>, name = ''): unknown {
  if (schema.const !== undefined) return schema.const
  if (Object.hasOwn(known, name) && known[name] === undefined) return undefined
  if (Object.hasOwn(known, name) && !isClock(schema) && typesOf(schema).has(jsonType(known[name]))) return known[name]
  if (schema.enum) return schema.enum[0]
  const [first, ...others] = choices(schema)
  if (first && (others.length > 0 || first !== schema)) return wholeOf(first, known, name)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([field, each]) => [field, wholeOf(each, known, field)]))
    case 'array':
      return [wholeOf(schema.items ?? {}, known, `${name}[]`)]
    case 'integer':
    case 'number':
      return Math.max(60, schema.minimum ?? 60)
    case 'boolean':
      return true
    default:
      return isClock(schema) ? '09:00' : schema.format === 'date-time' ? '2027-01-01T00:00:00Z' : 'x'.repeat(Math.max(1, schema.minLength ?? 1))
  }
}

/** All fields below a schema, to the last choice and the last array. */
export function fieldsOf(
  schema: Schema,
  known: Record<string, unknown>,
  put: Place = (value) => value,
  path: readonly string[] = [],
): { fields: Field[]; nests: Nest[] } {
  const found: { fields: Field[]; nests: Nest[] } = { fields: [], nests: [] }
  const enter = (child: Schema, place: Place, at: readonly string[]) => {
    found.fields.push({ path: at.join('.'), types: typesOf(child), schema: child, put: place })
    const deeper = fieldsOf(child, known, place, at)
    found.fields.push(...deeper.fields)
    found.nests.push(...deeper.nests)
  }
  const name = path.findLast((part) => !/^\d+$/.test(part)) ?? ''
  for (const choice of choices(schema)) {
    if (choice.type === 'array') enter(choice.items ?? {}, (value) => put([value]), [...path, '0'])
    if (choice.type !== 'object') continue
    const whole = wholeOf(choice, known, path.at(-1) === '0' ? `${name}[]` : name) as Record<string, unknown>
    found.nests.push({ path: path.join('.'), fields: Object.keys(choice.properties ?? {}), whole, put })
    for (const [field, child] of Object.entries(choice.properties ?? {})) enter(child, (value) => put({ ...whole, [field]: value }), [...path, field])
  }
  return found
}

/** Of a clock's hand `from` and `until` are not the moments of a grant. */
const isClock = ({ pattern }: Schema & { pattern?: string }) => pattern?.includes('24:00') === true
const choices = (schema: Schema): Schema[] =>
  (schema.oneOf ?? schema.anyOf ?? schema.allOf ?? []).flatMap(choices).concat(schema.type === undefined ? [] : [schema])

const jsonType = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
/** JSON types, `integer` as `number`. */
function typesOf(schema: Schema): Set<string> {
  const values = [...(schema.enum ?? []), ...(schema.const === undefined ? [] : [schema.const])]
  const inner = [...(schema.oneOf ?? schema.anyOf ?? schema.allOf ?? [])].flatMap((each) => [...typesOf(each)])
  return new Set([...[schema.type ?? []].flat(), ...values.map((value) => typeof value), ...inner].map((type) => (type === 'integer' ? 'number' : type)))
}

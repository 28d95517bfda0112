// A body that the API's own description would take, made from its JSON Schema: the least that is required, so that a request gets past its shape to whoever decides.

export type Schema = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minItems?: number
  minLength?: number
  minimum?: number
  format?: string
  default?: unknown
}

/** `known`: values for fields of these names, where a schema does not say enough. */
export function sampleOf(schema: Schema, known: Record<string, unknown>, name = ''): unknown {
  if (name !== '' && Object.hasOwn(known, name)) return known[name]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const choice = schema.oneOf?.[0] ?? schema.anyOf?.[0] ?? schema.allOf?.[0]
  if (choice) return sampleOf(choice, known, name)
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries((schema.required ?? []).map((field) => [field, sampleOf(schema.properties?.[field] ?? {}, known, field)]))
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, known))
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    default:
      return schema.format === 'date-time' ? '2027-01-01T00:00:00Z' : 'x'.repeat(Math.max(1, schema.minLength ?? 1))
  }
}

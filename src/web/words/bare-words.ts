// Finds words that a page would show without asking the catalogues; used by the test of the pages. Reads the syntax tree, not the text.

/** Attributes whose value people read or hear. */
const spoken = new Set([
  'label',
  'title',
  'placeholder',
  'description',
  'alt',
  'aria-label',
  'aria-description',
  'error',
  'nothingFoundMessage',
  'confirmLabel',
])
/** A run of two letters or one ideograph is a word; digits, marks and single letters are not. */
const word = /\p{Script=Han}|\p{L}{2}/u

type Node = { type: string; [key: string]: unknown }
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

function literals(value: unknown): string[] {
  if (!isNode(value)) return []
  switch (value.type) {
    case 'Literal':
      return typeof value['value'] === 'string' ? [value['value']] : []
    case 'TemplateLiteral':
      return (value['quasis'] as { value: { raw: string } }[]).map((quasi) => quasi.value.raw)
    case 'JSXExpressionContainer':
      return literals(value['expression'])
    case 'ConditionalExpression':
      return [...literals(value['consequent']), ...literals(value['alternate'])]
    case 'LogicalExpression':
      return literals(value['right'])
    default:
      return []
  }
}

/** The bare words of a program as parsed from TSX, in their order. */
export function bareWords(program: unknown): string[] {
  const found: string[] = []
  const keep = (texts: string[]) => found.push(...texts.map((text) => text.trim()).filter((text) => word.test(text)))
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (!isNode(value)) return
    if (value.type === 'JSXText') keep([String(value['value'])])
    if (value.type === 'JSXAttribute' && spoken.has(String((value['name'] as Node)['name']))) keep(literals(value['value']))
    if ((value.type === 'JSXElement' || value.type === 'JSXFragment') && Array.isArray(value['children']))
      for (const child of value['children']) if (isNode(child) && child.type === 'JSXExpressionContainer') keep(literals(child))
    for (const [key, inner] of Object.entries(value)) if (key !== 'type') visit(inner)
  }
  visit(program)
  return found
}

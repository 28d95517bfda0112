// The facts of a row of the ledger, as a table that can be read. Pure: what is in them came from anywhere.
import { hostText } from '../parts/format.ts'

export type Fact = { name: string; value: string }
export const mostFacts = 200
const deepest = 6
const longestValue = 1000

/** Nested names are joined: `settings › idleSeconds`. A list of plain values is one value. At most `mostFacts`, of which one more says that there are more. */
export function detailFacts(detail: Readonly<Record<string, unknown>>): { facts: Fact[]; isCut: boolean } {
  const facts: Fact[] = []
  let isCut = false
  const visit = (name: string, value: unknown, depth: number): void => {
    if (facts.length >= mostFacts) {
      isCut = true
      return
    }
    if (isPlain(value)) return void facts.push({ name, value: plain(value) })
    if (Array.isArray(value) && (value.every(isPlain) || depth >= deepest))
      return void facts.push({ name, value: value.length === 0 ? '–' : hostText(value.map(plain).join(', '), longestValue) })
    if (depth >= deepest) return void facts.push({ name, value: hostText(JSON.stringify(value), longestValue) })
    const entries = Object.entries(value as object)
    if (entries.length === 0) facts.push({ name, value: '–' })
    for (const [key, inner] of entries) {
      if (isCut) return
      visit(`${name} › ${label(key)}`, inner, depth + 1)
    }
  }
  for (const [key, value] of Object.entries(detail)) visit(label(key), value, 1)
  return { facts, isCut }
}

const label = (key: string) => hostText(key, 100)
const isPlain = (value: unknown): boolean => value === null || typeof value !== 'object'
const plain = (value: unknown): string =>
  value === null || value === undefined || value === '' ? '–' : hostText(typeof value === 'object' ? JSON.stringify(value) : String(value), longestValue)

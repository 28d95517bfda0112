// What is to be done about a command: by its exact text, or by a pattern in which `*` stands for any text and `?` for one character. No other pattern language: none that can backtrack.
import { z } from 'zod'
import { lines, oneLine } from './shown-text.ts'

export const CommandRuleInput = z.strictObject({
  name: oneLine(100),
  match: z.enum(['exact', 'pattern']),
  /** May have lines, as commands do. */
  pattern: lines(500).min(1),
  /** `deny` holds word for word commands back; in a terminal only with shell integration, where else it is a notice. */
  effect: z.enum(['deny', 'notice']),
  enabled: z.boolean().default(true),
  note: lines(500).default(''),
})
export type CommandRuleInput = z.infer<typeof CommandRuleInput>
/** As many as there may be: each command is held against all of them. */
export const maxDenyRules = 200
/** What a gateway needs of a rule that denies. */
export const DenyRule = z.strictObject({ name: z.string().max(100), match: z.enum(['exact', 'pattern']), pattern: z.string().max(500) })
export type DenyRule = z.infer<typeof DenyRule>
export type CommandRule = CommandRuleInput & { readonly id: string }

/** Whether the whole text is what the rule names. Linear in the text for each `*` at most: it goes back to the last one only. */
export function matchesRule(rule: Pick<CommandRule, 'match' | 'pattern'>, text: string): boolean {
  return rule.match === 'exact' ? rule.pattern === text : matchesPattern(rule.pattern, text)
}

function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const [first = '', last = ''] = [parts[0], parts.at(-1)]
  if (parts.length === 1) return text.length === pattern.length && fits(pattern, text, 0)
  if (text.length < first.length + last.length || !fits(first, text, 0) || !fits(last, text, text.length - last.length)) return false
  let at = first.length
  const end = text.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = placeOf(part, text, at, end)
    if (found === -1) return false
    at = found + part.length
  }
  return true
}

const anyOne = 0x3f // ?
const fits = (part: string, text: string, at: number): boolean => {
  for (let each = 0; each < part.length; each += 1) {
    const wanted = part.charCodeAt(each)
    if (wanted !== anyOne && wanted !== text.charCodeAt(at + each)) return false
  }
  return true
}

function placeOf(part: string, text: string, from: number, end: number): number {
  if (!part.includes('?')) {
    const found = text.indexOf(part, from)
    return found === -1 || found + part.length > end ? -1 : found
  }
  const { masks, any } = masksOf(part)
  const state = new Uint32Array(any.length)
  const [last, lastBit] = [any.length - 1, 1 << ((part.length - 1) & 31)]
  for (let at = from; at < end; at += 1) {
    const mask = masks.get(text.charCodeAt(at)) ?? any
    let carry = 1
    for (let word = 0; word < state.length; word += 1) {
      const now = state[word] ?? 0
      state[word] = ((now << 1) | carry) & (mask[word] ?? 0)
      carry = now >>> 31
    }
    if (((state[last] ?? 0) & lastBit) !== 0) return at - part.length + 1
  }
  return -1
}

/** For Shift-And (Baeza-Yates and Gonnet, 1992): a bit for each place of the part where the character may stand, so that one step looks at 32 places and no text makes it go back. */
function masksOf(part: string): { masks: ReadonlyMap<number, Uint32Array>; any: Uint32Array } {
  const any = new Uint32Array(Math.ceil(part.length / 32))
  const masks = new Map<number, Uint32Array>()
  const allow = (mask: Uint32Array, at: number) => void (mask[at >> 5] = (mask[at >> 5] ?? 0) | (1 << (at & 31)))
  for (let at = 0; at < part.length; at += 1) if (part.charCodeAt(at) === anyOne) allow(any, at)
  for (let at = 0; at < part.length; at += 1) {
    const wanted = part.charCodeAt(at)
    if (wanted === anyOne) continue
    const mask = masks.get(wanted) ?? any.slice()
    masks.set(wanted, mask)
    allow(mask, at)
  }
  return { masks, any }
}

/** What a command came as: in a terminal, or asked for word for word. */
export type CommandKind = 'pty' | 'exec' | 'scp' | 'subsystem'
export type CommandEffect = { effect: 'deny' | 'notice'; rule: string }

/**
 * What is to be done about a command: `deny` goes before `notice`, else the first rule in the order given. In a terminal a `deny` without shell integration is a notice:
 * what was run is known only afterwards, and not for certain. Undefined when no rule speaks of it.
 */
export function effectOf(
  rules: readonly CommandRule[],
  command: string,
  { kind, hasIntegration }: { kind: CommandKind; hasIntegration: boolean },
): CommandEffect | undefined {
  const speaking = rules.filter((rule) => rule.enabled && matchesRule(rule, command))
  const denying = kind !== 'pty' || hasIntegration ? speaking.find(({ effect }) => effect === 'deny') : undefined
  const rule = denying ?? speaking[0]
  return rule && { effect: denying === undefined ? 'notice' : 'deny', rule: rule.name }
}

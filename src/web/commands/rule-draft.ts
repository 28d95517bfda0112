// A rule as it is being written. Pure.
import type { CommandRuleView } from '#wire/api/audit.ts'
import { CommandRuleInput } from '#domain/command-rule.ts'

/** Without `id`: a new one. */
export type Draft = CommandRuleInput & { id?: string }
export const newRule: Draft = { name: '', match: 'pattern', pattern: '', effect: 'notice', enabled: true, note: '' }
export const draftOf = ({ createdAt: _made, ...rule }: CommandRuleView): Draft => rule

export type RuleFaults = { name?: 'bad'; pattern?: 'bad' }
export const ruleFaults = ({ name, pattern }: Draft): RuleFaults => ({
  ...(CommandRuleInput.shape.name.safeParse(name).success ? {} : { name: 'bad' as const }),
  ...(CommandRuleInput.shape.pattern.safeParse(pattern).success ? {} : { pattern: 'bad' as const }),
})

/** Shown in the empty field; the same in every language. */
export const examples: Readonly<Record<Draft['match'], string>> = { pattern: 'rm -rf *', exact: 'shutdown -h now' }

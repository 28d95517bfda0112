// What is to be done about a command: by its exact text, or by a pattern in which `*` stands for any text and `?` for one character. No other pattern language: none that can backtrack.
import { z } from 'zod'

export const CommandRuleInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  match: z.enum(['exact', 'pattern']),
  pattern: z.string().min(1).max(500),
  /** `deny` holds word for word commands back; in a terminal only with shell integration, where else it is a notice. */
  effect: z.enum(['deny', 'notice']),
  enabled: z.boolean().default(true),
  note: z.string().max(500).default(''),
})
export type CommandRuleInput = z.infer<typeof CommandRuleInput>
export type CommandRule = CommandRuleInput & { readonly id: string }

// Which rule speaks about a command: the one that holds it back before the one that marks it. Pure; the same that gateways ask.
import type { CommandRuleInput } from '#domain/command-rule.ts'

export function spokenOf<Rule extends CommandRuleInput>(rules: readonly Rule[], command: string): Rule | undefined {
  const speaking = rules.filter((rule) => rule.enabled && (rule.match === 'exact' ? rule.pattern === command : fits(rule.pattern, command)))
  return speaking.find(({ effect }) => effect === 'deny') ?? speaking[0]
}
function fits(pattern: string, text: string): boolean {
  let [at, in_, star, mark] = [0, 0, -1, 0]
  while (in_ < text.length) {
    if (pattern[at] === '*') [star, mark, at] = [at, in_, at + 1]
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[in_])) [at, in_] = [at + 1, in_ + 1]
    else if (star >= 0) [at, mark, in_] = [star + 1, mark + 1, mark + 1]
    else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}

// What may go in and out of a host, as a list of rules that a gateway judges every file by: one for each grant that covers.
import { decideSome, endOf, isRefusal, maxHandovers, missingOf, type Question } from '#domain/access.ts'
import { type FileDirection, fileDirections, type FileRule, maxFileRules } from '#domain/file-rule.ts'
import type { Grant } from '#domain/grant.ts'

/** Of the rules as JSON: they cross the link inside one message, with an admission. What does not fit is left out, which can only deny. */
const maxRuleBytes = 128 * 1024

/** Whoever may dial any host may move any file of it. */
export const quickConnectRules: readonly FileRule[] = [{ name: 'quick connect', actions: [...fileDirections] }]

/**
 * Of the directions that are permitted of `directions` (none where a second factor is still to be shown), what each covering grant says; at most `maxFileRules`, the most permissive first.
 * Grants that say the same are one rule, by the name that comes first.
 */
export function fileRulesOf(question: Omit<Question, 'action'>, directions: readonly FileDirection[], grants: readonly Grant[], nowMs: number): FileRule[] {
  const answer = decideSome(question, directions, grants, nowMs)
  if (isRefusal(answer)) return []
  const rules = grants.flatMap((grant) => {
    const actions = directions.filter((action) => answer.may.includes(action) && missingOf(grant, { ...question, action }, nowMs).length === 0)
    return actions.length === 0 ? [] : [ruleOf(grant, actions)]
  })
  return withinBounds(rules.toSorted(byReach))
}

/**
 * Until when what a session was told holds: when the time of a grant is over without which `isLess` of the rules that are left; `nowMs` when they are less already, Infinity when no such time is
 * known. Grants that take over from one another are followed.
 */
export function rulesHoldUntil(
  question: Omit<Question, 'action'>,
  directions: readonly FileDirection[],
  grants: readonly Grant[],
  nowMs: number,
  isLess: (rules: readonly FileRule[]) => boolean,
): number {
  let at = nowMs
  for (let handovers = 0; handovers <= maxHandovers; handovers += 1) {
    if (isLess(fileRulesOf(question, directions, grants, at))) return at
    const moment = at
    const covering = grants.filter((grant) => directions.some((action) => missingOf(grant, { ...question, action }, moment).length === 0))
    at = Math.min(...covering.map((grant) => endOf(grant, moment)))
    if (at === Infinity) return at
  }
  return at
}

function ruleOf({ name, terms: { paths, maxBytes } }: Grant, actions: FileDirection[]): FileRule {
  return { name, actions, ...(paths === undefined ? {} : { paths }), ...(maxBytes === undefined ? {} : { maxBytes }) }
}

/** Everywhere before somewhere, large before small, both ways before one; then by name, so that the order is always the same. */
function byReach(left: FileRule, right: FileRule): number {
  const places = Number(left.paths !== undefined) - Number(right.paths !== undefined)
  if (places !== 0) return places
  const [least, most] = [left.maxBytes ?? Infinity, right.maxBytes ?? Infinity]
  if (least !== most) return least > most ? -1 : 1
  return right.actions.length - left.actions.length || (left.name < right.name ? -1 : 1)
}

function withinBounds(rules: readonly FileRule[]): FileRule[] {
  const [kept, said] = [[] as FileRule[], new Set<string>()]
  let bytes = 0
  for (const rule of rules) {
    const what = JSON.stringify({ ...rule, name: '' })
    if (said.has(what)) continue
    said.add(what)
    if (kept.length === maxFileRules) break
    const size = Buffer.byteLength(JSON.stringify(rule))
    if (bytes + size > maxRuleBytes) continue
    bytes += size
    kept.push(rule)
  }
  return kept
}

// What the gateway of a session that moves files is told at its beginning, and until when that holds.
import type { Question } from '#domain/access.ts'
import type { FileDirection, FileRule } from '#domain/file-rule.ts'
import type { Grant } from '#domain/grant.ts'
import { permitsLess } from '#domain/narrowed-files.ts'
import { fileRulesOf, rulesHoldUntil } from '../access/file-rules.ts'

/** `until`: ms since the epoch, Infinity when no end is known. */
export type FilesTold = { rules: readonly FileRule[]; until: number }

export function filesTold(question: Omit<Question, 'action'>, directions: readonly FileDirection[], grants: readonly Grant[], nowMs: number): FilesTold {
  const rules = fileRulesOf(question, directions, grants, nowMs)
  return { rules, until: rulesHoldUntil(question, directions, grants, nowMs, (later) => permitsLess(rules, later)) }
}

// What is owed for a session, and what it may reach by what it was told once: `sessions.duties`, which a change of grants is compared with.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Permit } from '#domain/access.ts'
import { type FileDirection, FileRule } from '#domain/file-rule.ts'
import { permitsLess, type UnnamedRule } from '#domain/narrowed-files.ts'

/** More than these are remembered by a digest: then any change of them counts as one that takes some away. */
const maxForwardTo = 200
const maxRulesLength = 16_384

/** Of a session that forwards where to; of one that moves files what its gateway judges them by. */
export function dutiesColumn({ duties, forwardTo }: Pick<Permit, 'duties' | 'forwardTo'>, files?: readonly FileRule[]): string {
  const places = forwardTo?.toSorted()
  return JSON.stringify({
    ...duties,
    ...(places === undefined ? {} : { forwardTo: places.length <= maxForwardTo ? places : [digestOf(places)] }),
    ...(files === undefined ? {} : { files: rulesColumn(files) }),
  })
}

function rulesColumn(files: readonly FileRule[]): UnnamedRule[] | string {
  const unnamed = files.map(({ name: _name, ...rule }) => rule)
  return JSON.stringify(unnamed).length <= maxRulesLength ? unnamed : digestOf(unnamed)
}

const digestOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const Kept = z.object({ forwardTo: z.array(z.string()).default([]), files: z.union([z.string(), z.array(FileRule.omit({ name: true }))]).optional() })
const keptIn = (column: string | null) => Kept.parse(JSON.parse(column ?? '{}'))

/** Whether a place that a session could forward to is not permitted any more: its connections to there would go on. */
export function losesPlaces(before: string | null, after: string): boolean {
  if (before === null || !before.includes('"forwardTo"')) return false
  const now = new Set(keptIn(after).forwardTo)
  return keptIn(before).forwardTo.some((place) => !now.has(place))
}

/** Whether some file that the session's gateway lets through is not permitted any more. Rows from before there were rules are of sessions that move whatever their actions say. */
export function losesFiles(before: string | null, may: readonly FileDirection[], after: readonly FileRule[]): boolean {
  const held = keptIn(before).files ?? [{ actions: [...may] }]
  return typeof held === 'string' ? held !== rulesColumn(after) : permitsLess(held, after)
}

/** The duties of now with the rules of the beginning: the gateway has no others, also when more is permitted since. */
export function withRulesOf(before: string | null, after: string): string {
  const { files } = keptIn(before)
  return files === undefined ? after : JSON.stringify({ ...(JSON.parse(after) as object), files })
}

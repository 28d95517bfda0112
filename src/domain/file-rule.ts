// Which files may go in and out of a host: what the grants that cover say, as a gateway holds every way to it (`sz`, `rz`, the browser, SFTP and scp of an ssh client, programs).
import { z } from 'zod'
import { oneLineOnly } from './shown-text.ts'

/** An absolute path, or one below the account's home (`~/…`). `*` and `?` stand within one name, `**` for any number of names. `/srv/app` alone means the folder and all below it. */
export const PathPattern = z
  .string()
  .max(500)
  .regex(/^(\/|~(\/|$))/, 'begins with / or with ~/')
  .refine((text) => text.isWellFormed() && oneLineOnly.test(text), 'may not hold control characters')
export const fileDirections = ['upload', 'download'] as const
export type FileDirection = (typeof fileDirections)[number]

/** One covering grant, as far as it is about files. Without `paths` it is about all of them; without `maxBytes` about every size. A rename, removal, folder and the like is an upload. */
export const FileRule = z.strictObject({
  /** The grant's name: a denial says it. */
  name: z.string().max(200),
  actions: z.array(z.enum(fileDirections)),
  paths: z.array(PathPattern).max(50).optional(),
  /** Of one file. */
  maxBytes: z.number().int().min(0).optional(),
})
export type FileRule = z.infer<typeof FileRule>
/** What an admission carries; a grant more is left out, which can only deny. */
export const maxFileRules = 50

/** `path`: canonical, absolute (see `canonicalPath`); undefined when it cannot be known. `bytes`: undefined when not known (yet). */
export type FileQuestion = { direction: FileDirection; path: string | undefined; bytes?: number | undefined }
/** `rule`: the grant that comes nearest; undefined when none is about this direction at all. */
export type FileVerdict =
  | { permitted: true }
  | { permitted: false; why: 'action' | 'path' | 'size'; rule?: string; maxBytes?: number; paths?: readonly string[] }

/** `home`: of the account, canonical; undefined when unknown: patterns with `~` then match nothing. Any rule that permits will do; else the nearest one says why not. */
export function judgeFile(rules: readonly FileRule[], { direction, path, bytes }: FileQuestion, home: string | undefined): FileVerdict {
  const about = rules.filter(({ actions }) => actions.includes(direction))
  if (about.length === 0) return { permitted: false, why: 'action' }
  const there = about.filter(({ paths }) => paths === undefined || (path !== undefined && paths.some((pattern) => matchesPath(pattern, path, home))))
  const [nearest] = about
  if (there.length === 0) return { permitted: false, why: 'path', rule: nearest?.name ?? '', paths: about.flatMap(({ paths }) => paths ?? []).slice(0, 50) }
  if (there.some(({ maxBytes }) => maxBytes === undefined || bytes === undefined || bytes <= maxBytes)) return { permitted: true }
  const widest = there.reduce((most, each) => ((each.maxBytes ?? 0) > (most.maxBytes ?? 0) ? each : most))
  return { permitted: false, why: 'size', rule: widest.name, maxBytes: widest.maxBytes ?? 0 }
}

/** A rename or hard link, each end judged as an upload; and none may bring a file to where it can be downloaded from where it cannot. Undefined when permitted. Paths as in `FileQuestion`. */
export function judgeMove(
  rules: readonly FileRule[],
  { from, to }: { from: string | undefined; to: string | undefined },
  home: string | undefined,
): { direction: FileDirection; verdict: Exclude<FileVerdict, { permitted: true }> } | undefined {
  const judge = (direction: FileDirection, path: string | undefined) => judgeFile(rules, { direction, path }, home)
  for (const path of [from, to]) {
    const verdict = judge('upload', path)
    if (!verdict.permitted) return { direction: 'upload', verdict }
  }
  const verdict = judge('download', from)
  return verdict.permitted || !judge('download', to).permitted ? undefined : { direction: 'download', verdict }
}

/** The most bytes that a file at this path may have; Infinity when no rule says; 0 when nothing may be moved there. */
export function mostBytes(rules: readonly FileRule[], { direction, path }: Omit<FileQuestion, 'bytes'>, home: string | undefined): number {
  const there = rules.filter(
    ({ actions, paths }) =>
      actions.includes(direction) && (paths === undefined || (path !== undefined && paths.some((pattern) => matchesPath(pattern, path, home)))),
  )
  return Math.max(0, ...there.map(({ maxBytes }) => maxBytes ?? Infinity))
}

/** Whether paths matter at all for this direction: where none of the rules that permit is free of them, a way that cannot know its path is shut. */
export const needsPath = (rules: readonly FileRule[], direction: FileDirection): boolean =>
  rules.some(({ actions }) => actions.includes(direction)) && rules.every(({ actions, paths }) => !actions.includes(direction) || paths !== undefined)
export const needsSize = (rules: readonly FileRule[], direction: FileDirection): boolean =>
  rules.some(({ actions }) => actions.includes(direction)) && rules.every(({ actions, maxBytes }) => !actions.includes(direction) || maxBytes !== undefined)

/** For people, in English; pages say it in their own words from `FileVerdict`. */
export function refusalWords(verdict: Exclude<FileVerdict, { permitted: true }>, direction: FileDirection): string {
  const what = direction === 'upload' ? 'Uploads' : 'Downloads'
  switch (verdict.why) {
    case 'action':
      return `${what} are not part of your access to this host.`
    case 'path':
      return `The grant “${verdict.rule}” permits ${what.toLowerCase()} only at ${(verdict.paths ?? []).slice(0, 3).join(', ')}.`
    case 'size':
      return `The grant “${verdict.rule}” permits ${what.toLowerCase()} of at most ${verdict.maxBytes} bytes.`
  }
}

/** Absolute, `.` and `..` and doubled slashes resolved by the words alone; symbolic links are the caller's affair. `folder`: what a relative path begins at. */
export function canonicalPath(path: string, folder = '/'): string {
  const names: string[] = []
  for (const name of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..') names.pop()
    else names.push(name)
  }
  return `/${names.join('/')}`
}

function matchesPath(pattern: string, path: string, home: string | undefined): boolean {
  const absolute = pattern.startsWith('~') ? (home === undefined ? undefined : home.replace(/\/$/, '') + pattern.slice(1)) : pattern
  return absolute !== undefined && matchesNames(canonicalPath(absolute).split('/').slice(1).filter(Boolean), path.split('/').slice(1).filter(Boolean))
}

/** What is left of a pattern when its names have all been met is the folder itself: everything below belongs to it. */
function matchesNames(pattern: readonly string[], names: readonly string[]): boolean {
  // Whether pattern[i..] matches names[j..], row by row: no more than 500 times 4,096 steps, whatever the pattern.
  let after = names.map(() => true)
  after.push(true)
  for (let i = pattern.length - 1; i >= 0; i -= 1) {
    const own = pattern[i] ?? ''
    const row = Array.from({ length: names.length + 1 }, () => false)
    for (let j = names.length; j >= 0; j -= 1) {
      if (own === '**') row[j] = (after[j] ?? false) || (j < names.length && (row[j + 1] ?? false))
      else row[j] = j < names.length && matchesName(own, names[j] ?? '') && (after[j + 1] ?? false)
    }
    after = row
  }
  return after[0] ?? false
}

/** `*` and `?` within one name; greedy with one step back, so that no pattern takes longer than their product. */
function matchesName(pattern: string, name: string): boolean {
  const [p, n] = [Array.from(pattern), Array.from(name)]
  let [i, j, star, from] = [0, 0, -1, 0]
  while (j < n.length) {
    if (i < p.length && p[i] === '*') [star, from, i] = [i, j, i + 1]
    else if (i < p.length && (p[i] === '?' || p[i] === n[j])) [i, j] = [i + 1, j + 1]
    else if (star >= 0) [i, from, j] = [star + 1, from + 1, from + 1]
    else return false
  }
  while (p[i] === '*') i += 1
  return i === p.length
}

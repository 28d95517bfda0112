// Why a grant does not permit one file, for whoever asks before anybody tries.
import { canonicalPath, type FileDirection, judgeFile } from '#domain/file-rule.ts'
import type { Grant } from '#domain/grant.ts'

/** `path`: absolute, or below `~/`. */
export type AskedFile = { direction: FileDirection; path: string | undefined; bytes: number | undefined }

/** Stands for the home folder, whose place is the host's affair: a name that no path has, so that only `~`, and what means every folder, matches it. */
const home = '/\0'
const isEverywhere = (pattern: string) => /^\/\*{0,2}$/.test(pattern)

/** Besides what keeps the grant from covering at all. */
export function missingOfFile({ terms: { paths, maxBytes } }: Grant, file: AskedFile | undefined): ('path' | 'size')[] {
  if (file === undefined) return []
  const { path, bytes } = file
  const isThere = paths === undefined || path === undefined || isAt(paths, path)
  const fits = maxBytes === undefined || bytes === undefined || bytes <= maxBytes
  return [...(isThere ? [] : (['path'] as const)), ...(fits ? [] : (['size'] as const))]
}

function isAt(paths: readonly string[], path: string): boolean {
  const isOfHome = path.startsWith('~')
  const asked = canonicalPath(isOfHome ? home + path.slice(1) : path)
  // What begins at the root may or may not be where the home folder is, and `~/..` leads out of it.
  const known = isOfHome ? paths.filter((pattern) => isEverywhere(pattern) || (pattern.startsWith('~') && asked.startsWith(home))) : [...paths]
  return judgeFile([{ name: '', actions: ['download'], paths: known }], { direction: 'download', path: asked }, home).permitted
}

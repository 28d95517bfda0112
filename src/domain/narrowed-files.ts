// Whether rules about files permit less than others did: by the patterns alone, without a host. Where it cannot be told, they do.
import { canonicalPath, type FileRule, judgeFile } from './file-rule.ts'

/** Without the names, which permit nothing. */
export type UnnamedRule = Omit<FileRule, 'name'>

/** True unless every file that one of `before` permits is permitted by one of `after` too. Two rules that permit it only together are not seen, and count as less. */
export function permitsLess(before: readonly UnnamedRule[], after: readonly UnnamedRule[]): boolean {
  return before.some(({ actions, paths, maxBytes }) =>
    actions.some((action) => {
      const wideEnough = after.filter((rule) => rule.actions.includes(action) && (rule.maxBytes ?? Infinity) >= (maxBytes ?? Infinity))
      const covers = (pattern: string) => wideEnough.some((rule) => rule.paths === undefined || rule.paths.some((wide) => isWithin(pattern, wide)))
      return paths === undefined ? !wideEnough.some((rule) => rule.paths === undefined) : !paths.every(covers)
    }),
  )
}

const hasWildcard = (name: string) => /[*?]/.test(name)
const climbs = (pattern: string) => pattern.split('/').includes('..')

/** Whether all that `narrow` matches is matched by `wide`. */
function isWithin(narrow: string, wide: string): boolean {
  if (narrow === wide) return true
  // What stands above the home folder is the host's affair.
  if (climbs(narrow) || climbs(wide)) return false
  const isOfHome = narrow.startsWith('~')
  const names = namesOf(narrow)
  const wideNames = namesOf(wide)
  if (!wide.startsWith('~') && wideNames.every((name) => name === '**')) return true
  if (isOfHome !== wide.startsWith('~')) return false
  for (const [at, name] of wideNames.entries()) {
    if (name === '**') return wideNames.slice(at).every((rest) => rest === '**')
    const own = names[at]
    if (own === undefined || !isNameWithin(own, name)) return false
  }
  // Everything below belongs to a pattern that is met.
  return true
}

const namesOf = (pattern: string): string[] => canonicalPath(pattern.replace(/^~/, '')).split('/').filter(Boolean)

function isNameWithin(narrow: string, wide: string): boolean {
  if (narrow === wide) return true
  if (narrow === '**') return false
  if (wide === '*') return true
  return (
    !hasWildcard(narrow) &&
    judgeFile([{ name: '', actions: ['download'], paths: [`/${wide}`] }], { direction: 'download', path: `/${narrow}` }, undefined).permitted
  )
}

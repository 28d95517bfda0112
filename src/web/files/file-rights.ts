// What the person's grants let them do here, so that the page greys out the rest and says why. The gateway judges each request anyway.
import type { FileDirection, FileRule, FileVerdict } from '#domain/file-rule.ts'
import { judgeFile } from '#domain/file-rule.ts'
import type { FileEntry } from '#wire/files.ts'
import { isFolder } from './file-order.ts'
import { joinPath } from './places.ts'

export type Denial = Exclude<FileVerdict, { permitted: true }>
export type Rights = { rules: readonly FileRule[]; home: string }

const denied = (verdict: FileVerdict): Denial | undefined => (verdict.permitted ? undefined : verdict)

/** Of a file at this path, of this size when it is known. */
export const denialOf = ({ rules, home }: Rights, direction: FileDirection, path: string, bytes?: number): Denial | undefined =>
  denied(judgeFile(rules, { direction, path, bytes }, home))

/** Whether anything at all may be put into this folder: patterns that end in a name (`/srv/*.txt`) say so for the folder before it. */
export function folderDenial({ rules, home }: Rights, folder: string): Denial | undefined {
  const wider = rules.map((rule) => (rule.paths ? { ...rule, paths: [...rule.paths, ...rule.paths.map(withoutLastName)] } : rule))
  if (judgeFile(wider, { direction: 'upload', path: folder }, home).permitted) return undefined
  return denied(judgeFile(rules, { direction: 'upload', path: folder }, home))
}
function withoutLastName(pattern: string): string {
  const at = pattern.lastIndexOf('/')
  // A name without stars is that one name, which says nothing of its neighbours; and one name below the root would say everything of the root.
  return at <= 1 || !/[*?]/.test(pattern.slice(at)) ? pattern : pattern.slice(0, at)
}

/** Of several entries of one folder: the first that may not go. A folder's own files are judged one by one while they are packed; here only whether any could go. */
export function downloadDenial(rights: Rights, folder: string, entries: readonly FileEntry[]): Denial | undefined {
  for (const entry of entries) {
    const path = joinPath(folder, entry.name)
    const denial = isFolder(entry) ? (canHold(rights, path) ? undefined : denialOf(rights, 'download', path)) : denialOf(rights, 'download', path, entry.bytes)
    if (denial) return denial
  }
  return undefined
}

/** Whether a pattern speaks of something in or below this folder. */
function canHold({ rules, home }: Rights, folder: string): boolean {
  return rules.some(
    ({ actions, paths }) =>
      actions.includes('download') &&
      (!paths ||
        paths.some((pattern) => {
          const plain = (pattern.startsWith('~') ? home + pattern.slice(1) : pattern).split(/[*?]/)[0] ?? ''
          return plain.startsWith(folder) || judgeFile([{ name: '', actions, paths: [pattern] }], { direction: 'download', path: folder }, home).permitted
        })),
  )
}
/** Changes of what is there: each of these entries. */
export function changeDenial(rights: Rights, folder: string, entries: readonly FileEntry[]): Denial | undefined {
  for (const { name } of entries) {
    const denial = denialOf(rights, 'upload', joinPath(folder, name))
    if (denial) return denial
  }
  return undefined
}

// The file of a question: only uploads and downloads are about one. Pure.
import type { WhoMaySearch } from '../grants/access-search.ts'

export const isAboutFiles = ({ action }: WhoMaySearch): boolean => action === 'upload' || action === 'download'
export const isPath = (text: string): boolean => /^(\/|~(\/|$))/.test(text)

/** As the API takes it; what it would refuse, and what another action leaves in the address, is not asked. */
export function fileOf(search: WhoMaySearch): { path?: string; bytes?: number } {
  if (!isAboutFiles(search)) return {}
  const bytes = Number(search.bytes)
  return {
    ...(search.path === undefined || !isPath(search.path) ? {} : { path: search.path }),
    ...(search.bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 0 ? {} : { bytes }),
  }
}

// Reads a folder as it comes: lines of JSON, so that the first thousand entries are seen while the host reads on.
import { Failure } from '#domain/failure.ts'
import type { FileEntry } from '#wire/files.ts'
import { ListLine, maxEntries } from '#wire/files.ts'
import { isFailureCode } from '../failure-answer.ts'
import { askFiles, lost } from './file-request.ts'
import type { FilesAt } from './host-folder.ts'
import { below } from './host-folder.ts'

/** In characters. No honest batch is longer, whatever the names. */
const longestLine = 16 * 1024 * 1024

export type FolderList = {
  /** Canonical, as the host resolves it. */
  folder: string
  total: number
  /** There are more than were told. */
  isTruncated: boolean
}
export type FolderReading = {
  path: string
  /** Before the first batch. */
  onFolder?: (folder: string) => void
  onEntries: (entries: FileEntry[]) => void
  signal?: AbortSignal
}

/** Resolves at the end; rejects with the host's or the gateway's `Failure`, also in the middle, and with `gateway_unavailable` when the line goes before the end. */
export async function listFolder(at: FilesAt, { path, onFolder, onEntries, signal }: FolderReading): Promise<FolderList> {
  const response = await askFiles(at, { path: below(at, `list?path=${encodeURIComponent(path)}`), signal })
  let folder: string | undefined
  let count = 0
  let end: { total: number; isTruncated: boolean } | undefined
  const take = (text: string) => {
    const line = readLine(text)
    if ('folder' in line) {
      folder = line.folder
      onFolder?.(folder)
    } else if ('end' in line) end = line.end
    else if ('error' in line) {
      const { code, message } = line.error
      throw new Failure(isFailureCode(code) ? code : 'host_file_error', message)
    } else if ((count += line.entries.length) > maxEntries) throw strange('more entries than there may be')
    else onEntries(line.entries)
  }
  await readLines(response, take, signal)
  if (folder === undefined || !end) throw lost()
  return { folder, ...end }
}

const strange = (why: string) => new Failure('internal', `The list could not be read: ${why}. Load the page again.`)

function readLine(text: string): ListLine {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw strange('a line is no JSON') // also the rest of a line that was cut
  }
  const parsed = ListLine.safeParse(value)
  if (!parsed.success) throw strange('a line is none of those known')
  return parsed.data
}

async function readLines(response: Response, take: (line: string) => void, signal: AbortSignal | undefined): Promise<void> {
  if (!response.body) throw lost()
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let held = ''
  const next = async () => {
    try {
      return await reader.read()
    } catch (error) {
      signal?.throwIfAborted()
      throw lost(error)
    }
  }
  try {
    for (;;) {
      const { done, value } = await next()
      // A line without its end was cut: what it says may be half of it.
      if (done) return
      held += decoder.decode(value, { stream: true })
      const lines = held.split('\n')
      held = lines.pop() ?? ''
      if (held.length > longestLine) throw strange('a line is too long')
      for (const line of lines) if (line !== '') take(line)
    }
  } finally {
    // Whoever stops in the middle reads no more; a stream that has ended or broken has nothing to cancel.
    await reader.cancel().catch(() => undefined)
  }
}

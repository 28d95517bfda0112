// What a files session is asked about folders and names. Every call rejects with a `Failure`.
import { z } from 'zod'
import { FilesOpened, FileStat, FileTransfers, filesPath } from '#wire/files.ts'
import type { FilesOrigin } from './file-request.ts'
import { askFilesJson } from './file-request.ts'

/** A files session, as its requests name it. */
export type FilesAt = FilesOrigin & { session: string }
const Done = z.object({})

/** With a ticket of kind `files`; the gateway connects to the host meanwhile, which takes as long as a sign-in there. `beside`: the terminal that the ticket is for, whose gateway opens it. */
export const openFiles = (to: FilesOrigin, ticket: string, signal?: AbortSignal, beside?: string): Promise<FilesOpened> =>
  askFilesJson(to, FilesOpened, {
    method: 'POST',
    path: beside === undefined ? filesPath : `${filesPath}?beside=${encodeURIComponent(beside)}`,
    json: { ticket },
    signal,
  })

/** The address of a request below the session's own. */
export const below = ({ session }: FilesAt, what: string): string => `${filesPath}/${encodeURIComponent(session)}/${what}`

export const statFile = (at: FilesAt, path: string, signal?: AbortSignal): Promise<FileStat> =>
  askFilesJson(at, FileStat, { path: below(at, `stat?path=${encodeURIComponent(path)}`), signal })

async function change(at: FilesAt, what: 'folder' | 'rename' | 'remove' | 'mode', json: object, signal: AbortSignal | undefined): Promise<void> {
  await askFilesJson(at, Done, { method: 'POST', path: below(at, what), json, signal })
}

export const makeFolder = (at: FilesAt, path: string, signal?: AbortSignal): Promise<void> => change(at, 'folder', { path }, signal)
/** Without `overwrite` an existing target is `file_exists`. */
export const renameFile = (at: FilesAt, names: { from: string; to: string; overwrite?: boolean }, signal?: AbortSignal): Promise<void> =>
  change(at, 'rename', names, signal)
/** A folder only with `recursive`. Symbolic links are removed and never followed. */
export const removeFile = (at: FilesAt, what: { path: string; recursive?: boolean }, signal?: AbortSignal): Promise<void> => change(at, 'remove', what, signal)
/** `mode`: 0 to 0o7777. */
export const setFileMode = (at: FilesAt, what: { path: string; mode: number }, signal?: AbortSignal): Promise<void> => change(at, 'mode', what, signal)

/** What went in and out in this session, the newest 100: how a browser's own download stands. */
export const listTransfers = (at: FilesAt, signal?: AbortSignal): Promise<z.infer<typeof FileTransfers>> =>
  askFilesJson(at, FileTransfers, { path: below(at, 'transfers'), signal })

// `/api/v1/files`: bytes of files over HTTP, ended by the gateway that holds the session and never by control. See `docs/protocol/files.md`.
import { z } from 'zod'
import { FileRule } from '#domain/file-rule.ts'
import { verifications } from '#domain/session-act.ts'
import { sessionKinds } from '#domain/session-kind.ts'

export const filesPath = '/api/v1/files'
const Bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Path = z.string().min(1).max(4096)

/**
 * `POST /files`: with a ticket of kind `files` → 201 `FilesOpened`. Every further request shows the same cookie or token. `?beside=<session>` names the terminal that the ticket is for:
 * its gateway opens it, where only its own connection can be used (accounts that ask). `DELETE /files/{session}` ends it; so do two minutes without a request.
 */
export const OpenFiles = z.strictObject({ ticket: z.string().min(20).max(100) })
export const FilesOpened = z.object({
  session: z.string(),
  kind: z.enum(sessionKinds),
  /** The account's own folder, canonical. */
  home: z.string(),
  /** What may go where, for the page to grey out the rest; the gateway judges each. */
  rules: z.array(FileRule),
})
export type FilesOpened = z.infer<typeof FilesOpened>

export const FileEntry = z.object({
  /** Bytes that are no UTF-8 are replaced; such a name can be seen and not used. */
  name: z.string(),
  isUsable: z.boolean(),
  kind: z.enum(['file', 'folder', 'link', 'other']),
  bytes: Bytes,
  /** Seconds since the epoch. */
  mtime: z.number().optional(),
  /** Permission bits, 0 to 0o7777. */
  mode: z.number().int().optional(),
  /** As the host's long form says them. */
  owner: z.string().max(100).optional(),
  group: z.string().max(100).optional(),
  /** Of a link: what it leads to, and whether that is a folder. */
  target: z.string().optional(),
  leadsTo: z.enum(['file', 'folder', 'other', 'nothing']).optional(),
})
export type FileEntry = z.infer<typeof FileEntry>
export const maxEntries = 200_000

/** `GET /files/{session}/list?path=`: lines of JSON (application/x-ndjson): first `folder`, then `entries`, last `end`. A failure in between is a line too. */
export const ListLine = z.union([
  z.object({ folder: z.string() }),
  z.object({ entries: z.array(FileEntry) }),
  z.object({ end: z.object({ total: z.number(), isTruncated: z.boolean() }) }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
])
export type ListLine = z.infer<typeof ListLine>

/** `GET /files/{session}/stat?path=`. `path`: canonical, as the host resolves it. */
export const FileStat = z.object({ path: z.string(), entry: FileEntry })
export type FileStat = z.infer<typeof FileStat>

/** `POST /files/{session}/folder|rename|remove|mode`: 200 `{}`. */
export const MakeFolder = z.strictObject({ path: Path })
export const Rename = z.strictObject({ from: Path, to: Path, overwrite: z.boolean().default(false) })
/** A folder only with `recursive`; symbolic links are removed and never followed. */
export const Remove = z.strictObject({ path: Path, recursive: z.boolean().default(false) })
export const SetMode = z.strictObject({ path: Path, mode: z.number().int().min(0).max(0o7777) })

/**
 * `POST /files/{session}/uploads` → 201 `UploadStarted`: send from `offset` on. `bytes`: all of it. With `mtime` (ms since the epoch) the same file is known again after an interruption.
 * `PUT /files/{session}/uploads/{upload}?offset=N`: the next bytes, at most 16 MiB → `{offset}`; 409 `offset_wrong` with `detail.offset` where it stands.
 * `POST /files/{session}/uploads/{upload}/finish` → `FileDone`. `DELETE /files/{session}/uploads/{upload}`: given up, what was written is removed.
 */
export const StartUpload = z.strictObject({ path: Path, bytes: Bytes, mtime: z.number().int().min(0).optional(), overwrite: z.boolean().default(false) })
export const UploadStarted = z.object({ upload: z.string(), offset: Bytes })
export type UploadStarted = z.infer<typeof UploadStarted>
export const UploadOffset = z.object({ offset: Bytes })
export const maxChunkBytes = 16 * 1024 * 1024

export const FileDone = z.object({ path: z.string(), bytes: Bytes, sha256: z.string(), verified: z.enum(verifications) })
export type FileDone = z.infer<typeof FileDone>

/**
 * `GET /files/{session}/content?path=`: the file as an attachment, octet-stream; ranges, ETag. `GET /files/{session}/archive?path=&path=`: folders and files as one stored zip.
 * `GET /files/{session}/transfers`: what went in and out in this session and is under way, the newest 100.
 */
export const FileTransfer = z.object({
  id: z.string(),
  direction: z.enum(['upload', 'download']),
  path: z.string(),
  bytes: Bytes.optional(),
  moved: Bytes,
  state: z.enum(['running', 'checking', 'done', 'failed', 'suspended']),
  sha256: z.string().optional(),
  verified: z.enum(verifications).optional(),
  failure: z.string().optional(),
  text: z.string().optional(),
})
export type FileTransfer = z.infer<typeof FileTransfer>
export const FileTransfers = z.object({ items: z.array(FileTransfer).max(100) })

/**
 * Bytes of a terminal's `sz` and `rz`, for its owner. `GET /files/{session}/zmodem/{transfer}/next`: the file that the host offers, as an attachment; the first request is the consent.
 * `GET …/zip`: all that come, as one stored zip. `PUT …/{index}?offset=N`: the next bytes of a file for `rz`, at most 16 MiB → `UploadOffset`.
 */
export const zmodemPath = (session: string, transfer: string, what: 'next' | 'zip' | number) => `${filesPath}/${session}/zmodem/${transfer}/${what}`

// Files of a host over HTTP, as a page or a program asks for them: a ticket, a session, then requests that show the same cookie or token.
import { createHash } from 'node:crypto'
import type { FileDone, FileEntry, FilesOpened, FileStat, FileTransfer, ListLine, UploadStarted } from '#wire/files.ts'
import { type ApiAnswer, type ApiClient, ApiRefused } from './api-client.ts'
import type { SavedHost } from './saved-host.ts'

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export class FilesClient {
  readonly api: ApiClient
  readonly opened: FilesOpened

  constructor(api: ApiClient, opened: FilesOpened) {
    this.api = api
    this.opened = opened
  }

  /** Throws `ApiRefused`. */
  static async open(api: ApiClient, to: Pick<SavedHost, 'id' | 'account'> | { session: string }): Promise<FilesClient> {
    const isBeside = 'session' in to
    const body = isBeside ? { kind: 'files', session: to.session } : { kind: 'files', asset: to.id, account: to.account }
    const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', body)
    return new FilesClient(api, await api.call<FilesOpened>('POST', `/files${isBeside ? `?beside=${to.session}` : ''}`, { ticket }))
  }

  get session(): string {
    return this.opened.session
  }
  /** Below the session's own address. */
  path(what: string, query: Record<string, string | readonly string[]> = {}): string {
    const pairs = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => `${name}=${encodeURIComponent(value)}`))
    return `/api/v1/files/${this.session}/${what}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
  }
  get(what: string, query: Record<string, string | readonly string[]>, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    return this.api.request('GET', this.path(what, query), { headers })
  }
  post<Answer = object>(what: string, body?: unknown): Promise<Answer> {
    return this.api.call<Answer>('POST', this.path(what).slice('/api/v1'.length), body)
  }
  stat = (path: string) => this.json<FileStat>('stat', { path })
  transfers = async () => (await this.json<{ items: FileTransfer[] }>('transfers', {})).items

  async json<Answer>(what: string, query: Record<string, string>): Promise<Answer> {
    const answer = await this.get(what, query)
    if (answer.status !== 200) throw new ApiRefused(what, answer)
    return answer.json as Answer
  }

  /** Throws `ApiRefused` for a refusal, an `Error` for a list that broke off. */
  async list(path: string): Promise<{ folder: string; entries: FileEntry[]; total: number; isTruncated: boolean }> {
    const answer = await this.get('list', { path })
    if (answer.status !== 200) throw new ApiRefused('list', answer)
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ListLine)
    const [first, last] = [lines[0], lines.at(-1)]
    if (!first || !('folder' in first) || !last || !('end' in last)) throw new Error(`no whole list: ${answer.text.slice(-300)}`)
    return { folder: first.folder, entries: lines.flatMap((line) => ('entries' in line ? line.entries : [])), ...last.end }
  }

  start(path: string, bytes: number, more: { mtime?: number; overwrite?: boolean } = {}): Promise<UploadStarted> {
    return this.post<UploadStarted>('uploads', { path, bytes, ...more })
  }
  put(upload: string, offset: number, piece: Buffer, headers: Record<string, string | undefined> = {}): Promise<ApiAnswer> {
    const address = `${this.path(`uploads/${upload}`)}?offset=${offset}`
    return this.api.request('PUT', address, { body: piece, headers: { 'content-type': 'application/octet-stream', ...headers } })
  }
  finish = (upload: string) => this.post<FileDone>(`uploads/${upload}/finish`)

  /** All of it, in pieces; goes on where the host stands. Throws `ApiRefused`. */
  async upload(path: string, bytes: Buffer, more: { mtime?: number; overwrite?: boolean; piece?: number } = {}): Promise<FileDone & { from: number }> {
    const { piece = 8 * 1024 * 1024, ...asked } = more
    const { upload, offset } = await this.start(path, bytes.length, asked)
    for (let at = offset; at < bytes.length; at += piece) {
      const answer = await this.put(upload, at, bytes.subarray(at, at + piece))
      if (answer.status !== 200) throw new ApiRefused('PUT', answer)
    }
    return { ...(await this.finish(upload)), from: offset }
  }
  content = (path: string, headers: Record<string, string> = {}) => this.get('content', { path }, headers)
  close = () => this.api.call('DELETE', `/files/${this.session}`)
}

/** The code that a call was refused with; `''` when it was not. */
export const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => '',
    (error: unknown) => (error instanceof ApiRefused ? error.code : String(error)),
  )

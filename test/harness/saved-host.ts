// A host as an administrator saves it, and a terminal on it as an operator opens it.
import type { HostKey } from '#domain/host-key.ts'
import type { ApiClient } from './api-client.ts'
import type { Product } from './product.ts'
import type { TestSshd } from './sshd.ts'
import { TerminalClient, type TerminalOptions } from './terminal-client.ts'

export type Auth =
  | { kind: 'password'; password: string }
  | { kind: 'key'; privateKey: string; passphrase?: string }
  | { kind: 'ask' }
  | { kind: 'credential'; id: string }
export type SavedHost = { id: string; name: string; account: string; accountId: string; hostKeys: HostKey[] }

/** Adds the host with one account and, unless told not to, scans and trusts its keys as the page does. */
export async function saveHost(
  api: ApiClient,
  sshd: Pick<TestSshd, 'port' | 'user'>,
  auth: Auth,
  options: { name?: string; trust?: boolean } = {},
): Promise<SavedHost> {
  const { name = `host-${sshd.port}`, trust = true } = options
  const body = { name, address: '127.0.0.1', port: sshd.port, accounts: [{ username: sshd.user, auth }] }
  const asset = await api.call<{ id: string; accounts: { id: string }[] }>('POST', '/assets', body)
  const saved = { id: asset.id, name, account: sshd.user, accountId: asset.accounts[0]?.id ?? '', hostKeys: [] as HostKey[] }
  if (!trust) return saved
  const scan = await api.call<{ items: HostKey[] }>('POST', `/assets/${asset.id}/host-keys/scan`, {})
  const trusted = await api.call<{ items: HostKey[] }>('PUT', `/assets/${asset.id}/host-keys`, { trusted: scan.items })
  return { ...saved, hostKeys: trusted.items }
}

/** Asks for a ticket and opens the WebSocket; `to` is a saved host, or `user@host:port` for quick connect. */
export async function openTerminal(product: Product, api: ApiClient, to: SavedHost | string, options: Partial<TerminalOptions> = {}): Promise<TerminalClient> {
  const body = typeof to === 'string' ? { kind: 'shell', address: to } : { kind: 'shell', asset: to.id, account: to.account }
  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', body)
  return TerminalClient.connect({ url: product.url, ticket, ...options })
}

/** Takes one's own live session over, or watches one. */
export async function openLive(
  product: Product,
  api: ApiClient,
  kind: 'attach' | 'watch',
  session: string,
  options: Partial<TerminalOptions> = {},
): Promise<TerminalClient> {
  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind, session })
  return TerminalClient.connect({ url: product.url, ticket, session, ...options })
}

export type SessionRow = {
  id: string
  operator: string
  asset: string
  address: string
  account: string
  door: string
  state: string
  startedAt: string
  endedAt?: string
  endReason?: string
  endMessage?: string
  failure?: string
  exitStatus?: number
  gateway: string
  bytesIn: number
  bytesOut: number
  source: string
  recording?: { fileName: string; seconds: number; bytes: number; state: string }
}

export const findSession = (api: ApiClient, id: string) => api.call<SessionRow>('GET', `/sessions/${id}`)
export const listSessions = (api: ApiClient, query = '') => api.call<{ items: SessionRow[]; total: number; of: number }>('GET', `/sessions${query}`)

/** The recording in the given format; throws when it is not 200. */
export async function download(api: ApiClient, session: string, format: 'v3' | 'v2' | 'txt'): Promise<string> {
  const answer = await api.request('GET', `/api/v1/sessions/${session}/recording?format=${format}`)
  if (answer.status !== 200) throw new Error(`recording: ${answer.status} ${answer.text.slice(0, 300)}`)
  return answer.text
}

/** What a v3 recording shows, as the exact bytes: an `o` right after a `b` stands for the bytes of that `b`. */
export function shownBytes(v3: string): Buffer {
  const parts: Buffer[] = []
  let exact = false
  for (const line of v3.split('\n').slice(1)) {
    if (line === '' || line.startsWith('#')) continue
    const [, code, data] = JSON.parse(line) as [number, string, string]
    if (code === 'b') parts.push(Buffer.from(data, 'base64'))
    else if (code === 'o' && !exact) parts.push(Buffer.from(data, 'utf8'))
    exact = code === 'b'
  }
  return Buffer.concat(parts)
}

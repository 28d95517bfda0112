// The keys of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) for the hosts of an import.
import { HostKey } from '#domain/host-key.ts'
import { isPlainName, matchesList } from './host-pattern.ts'
import { type ImportNote, type ImportText, longestLine, makeNote, mostLines } from './import-note.ts'

type Entry = { file: string; line: number; key: HostKey; revoked: boolean } & ({ patterns: string[] } | { salt: Uint8Array<ArrayBuffer>; digest: string })

/** Each hashed line has a salt of its own, so each costs one HMAC for each host: a second or two at most. */
const mostDigests = 200_000
const mostKeys = 20

/** A line as `known_hosts` has it: perhaps a marker, names, type, base64, perhaps a comment. */
const shape = /^(?:(@[a-z-]+)[ \t]+)?(\S+)[ \t]+(\S+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t].*)?$/

/** Needs WebCrypto, which browsers give to pages of https and of this machine alone. */
export async function readKnownHosts(files: readonly ImportText[]): Promise<{ entries: Entry[]; notes: ImportNote[] }> {
  const entries: Entry[] = []
  const notes: ImportNote[] = []
  let lines = 0
  for (const file of files)
    for (const [index, raw] of file.text.split(/\r\n|\n|\r/).entries()) {
      const text = raw.replace(/^\uFEFF/, '').trim()
      if (text === '' || text.startsWith('#')) continue
      lines += 1
      if (lines > mostLines) {
        notes.push(makeNote(file.name, index + 1, 'too_many_lines'))
        return { entries, notes }
      }
      const say = (code: ImportNote['code']) => notes.push(makeNote(file.name, index + 1, code, text))
      const match = text.length <= longestLine * 4 ? shape.exec(text) : null
      const [, marker, names = '', type = '', blob = ''] = match ?? []
      if (marker === '@cert-authority') {
        say('known_authority')
        continue
      }
      const key = match && (marker === undefined || marker === '@revoked') ? await keyOf(type, blob) : undefined
      const hashed = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/.exec(names)
      if (!key || (names.startsWith('|') && !hashed)) {
        say('known_line_unreadable')
        continue
      }
      const entry = { file: file.name, line: index + 1, key, revoked: marker === '@revoked' }
      if (hashed) entries.push({ ...entry, salt: bytesOf(hashed[1] ?? ''), digest: hashed[2] ?? '' })
      else entries.push({ ...entry, patterns: names.toLowerCase().split(',').slice(0, 100) })
    }
  return { entries, notes }
}

/**
 * Finds the keys of each name (an address, or `[address]:port`). Hashed names are HMAC-SHA-1 under their salt. A key that the file revokes is not among them.
 * `onProgress` hears shares from 0 to 1.
 */
export async function keysFor(
  names: readonly string[],
  entries: readonly Entry[],
  { onProgress = () => {}, most = mostDigests }: { onProgress?: (share: number) => void; most?: number } = {},
): Promise<{ keys: Map<string, HostKey[]>; notes: ImportNote[] }> {
  const notes: ImportNote[] = []
  const keys = new Map<string, Map<string, HostKey>>([...names].map((name) => [name, new Map()]))
  const revoked = new Set<string>()
  let digests = 0
  const plainNames = [...keys.keys()].map((name) => ({ name, folded: name.toLowerCase() }))
  const plain = new Map(plainNames.map(({ name, folded }) => [folded, name]))
  for (const [index, entry] of entries.entries()) {
    if (entry.revoked) {
      revoked.add(entry.key.key)
      notes.push(makeNote(entry.file, entry.line, 'known_revoked', entry.key.fingerprint))
      continue
    }
    const found: string[] = []
    if ('patterns' in entry) {
      if (entry.patterns.every(isPlainName)) found.push(...entry.patterns.flatMap((pattern) => plain.get(pattern) ?? []))
      else found.push(...plainNames.filter(({ folded }) => matchesList(folded, entry.patterns)).map(({ name }) => name))
    } else {
      digests += plainNames.length
      if (digests > most) {
        notes.push(makeNote(entry.file, entry.line, 'known_too_many'))
        break
      }
      const salt = await crypto.subtle.importKey('raw', entry.salt, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
      const made = await Promise.all(plainNames.map(async ({ folded }) => base64(await crypto.subtle.sign('HMAC', salt, new TextEncoder().encode(folded)))))
      for (const [at, digest] of made.entries()) if (digest === entry.digest) found.push(plainNames[at]?.name ?? '')
    }
    for (const name of found) keys.get(name)?.set(entry.key.key, entry.key)
    if (index % 50 === 0) onProgress(index / entries.length)
  }
  onProgress(1)
  return { keys: new Map([...keys].map(([name, its]) => [name, [...its.values()].filter(({ key }) => !revoked.has(key)).slice(0, mostKeys)])), notes }
}

/** Undefined unless the blob says the same type (RFC 4253 section 6.6) and is whole base64. */
async function keyOf(type: string, blob: string): Promise<HostKey | undefined> {
  if (blob.length > 8192 || blob.length % 4 !== 0) return undefined
  const bytes = bytesOf(blob)
  if (base64(bytes.buffer) !== blob) return undefined
  const fields = fieldsOf(bytes)
  if (!fields || fields.length < 2 || new TextDecoder().decode(fields[0]) !== type) return undefined
  const digest = base64(await crypto.subtle.digest('SHA-256', bytes)).replace(/=+$/, '')
  const key = HostKey.safeParse({ type, key: blob, fingerprint: `SHA256:${digest}` })
  return key.success ? key.data : undefined
}

/** Every public key is a row of strings, each after its length (RFC 4251 section 5); undefined when it is cut short. */
function fieldsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer)
  const fields: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 <= bytes.length ? at + 4 + view.getUint32(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length) return undefined
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
function base64(bytes: ArrayBuffer): string {
  let text = ''
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte)
  return btoa(text)
}

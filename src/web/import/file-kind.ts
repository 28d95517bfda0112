// What a dropped file or a pasted text is, by its name and its first lines.
import type { ImportText } from '#client/import/import-note.ts'
import { baseName } from '#client/import/import-note.ts'
import { looksLikeHead } from './csv-columns.ts'

export type FileKind = 'config' | 'known_hosts' | 'csv' | 'key' | 'other'

const keyword = /^[ \t]*(?:host|match|include|hostname|user|port|proxyjump|identityfile)\b[ \t=]/im
const knownLine = /^(?:@[a-z-]+[ \t]+)?\S+[ \t]+(?:ssh-|ecdsa-|sk-)\S+[ \t]+AAAA/

export function kindOf({ name, text }: ImportText): FileKind {
  const head = text.slice(0, 65_536)
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File/.test(head)) return 'key'
  const lines = head.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
  if (lines.some((line) => knownLine.test(line.trim()))) return 'known_hosts'
  if (/\.(?:csv|tsv)$/i.test(name)) return 'csv'
  // A public key, a picture, a program: nothing of ours.
  if (head.includes('\u0000') || /^(?:ssh-|ecdsa-|sk-)\S+ AAAA/.test(lines[0] ?? '')) return 'other'
  if (looksLikeHead(lines[0] ?? '')) return 'csv'
  if (keyword.test(head)) return 'config'
  return baseName(name) === 'known_hosts' ? 'known_hosts' : lines.length === 0 ? 'other' : 'config'
}

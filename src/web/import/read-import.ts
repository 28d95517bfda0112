// All files of one import together: configurations, tables, keys of hosts, private keys.
import type { ImportHost } from '#client/import/import-host.ts'
import { type ImportNote, type ImportText, makeNote, mostHosts } from '#client/import/import-note.ts'
import { keysFor, readKnownHosts } from '#client/import/known-hosts.ts'
import { readSshConfig } from '#client/import/ssh-config.ts'
import { type FileKind, kindOf } from './file-kind.ts'
import { readCsv } from './read-csv.ts'

export type ImportReading = { hosts: ImportHost[]; notes: ImportNote[]; kinds: FileKind[] }

/** Private keys are left alone here: they are given to accounts, not read. */
export async function readImport(files: readonly ImportText[]): Promise<ImportReading> {
  const kinds = files.map(kindOf)
  const of = (kind: FileKind) => files.filter((_, index) => kinds[index] === kind)
  const notes: ImportNote[] = of('other').map(({ name }) => makeNote(name, 0, 'file_not_used'))
  const hosts: ImportHost[] = []
  if (of('config').length > 0) {
    const read = readSshConfig(of('config'))
    hosts.push(...read.hosts)
    notes.push(...read.notes)
  }
  for (const file of of('csv')) {
    const read = readCsv(file)
    hosts.push(...read.hosts)
    notes.push(...read.notes)
  }
  if (hosts.length > mostHosts) {
    const first = hosts[mostHosts]
    notes.push(makeNote(first?.from.file ?? '', first?.from.line ?? 0, 'too_many_hosts', first?.name))
    hosts.length = mostHosts
  }
  if (of('known_hosts').length > 0) notes.push(...(await trustKnown(hosts, of('known_hosts'))))
  // As the files are read by a person: each from its first line on.
  const order = new Map(files.map(({ name }, index) => [name, index]))
  notes.sort((left, right) => (order.get(left.file) ?? 0) - (order.get(right.file) ?? 0) || left.line - right.line)
  return { hosts, notes, kinds }
}

async function trustKnown(hosts: ImportHost[], files: readonly ImportText[]): Promise<ImportNote[]> {
  const [file] = files
  // Pages that came without TLS from another machine have no WebCrypto.
  if (!globalThis.isSecureContext) return [makeNote(file?.name ?? '', 0, 'known_needs_https')]
  const { entries, notes } = await readKnownHosts(files)
  const found = await keysFor([...new Set(hosts.map(({ knownAs }) => knownAs))], entries)
  for (const host of hosts) host.trusted = found.keys.get(host.knownAs) ?? []
  if (hosts.length > 0 && hosts.every(({ trusted }) => trusted.length === 0)) notes.push(makeNote(file?.name ?? '', 0, 'known_unused'))
  return [...notes, ...found.notes]
}

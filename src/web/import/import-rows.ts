// What a person makes of the hosts that were read: which are taken, under which names, with which accounts. Pure.
import type { AuthInput } from '#domain/credential.ts'
import type { HostKeyPolicy } from '#domain/host-key.ts'
import { type ImportHost, foldName } from '#client/import/import-host.ts'
import { baseName } from '#client/import/import-note.ts'
import { ImportRow } from '#wire/api/assets.ts'

/** One row of the preview; the three texts may be edited. */
export type DraftRow = { host: ImportHost; picked: boolean; name: string; address: string; username: string }
/** For all rows. `username` and `credential` (the id of a shared one) are for accounts that have none of their own. */
export type ImportChoices = { tags: string[]; policy: HostKeyPolicy; username: string; credential: string | null }
export const rowFields = ['name', 'address', 'port', 'tags', 'accounts', 'via'] as const
export type RowField = (typeof rowFields)[number]
export type MadeRow = { index: number; row: ImportRow } | { index: number; fault: RowField }

export const draftRows = (hosts: readonly ImportHost[]): DraftRow[] =>
  hosts.map((host) => ({ host, picked: true, name: host.name, address: host.address, username: host.usernames[0] ?? '' }))

/** What the edits of `before` say of hosts that are read again with more files beside them. */
export function keepEdits(rows: DraftRow[], before: readonly DraftRow[]): DraftRow[] {
  const place = ({ host }: DraftRow) => `${host.from.file}\0${host.from.line}\0${host.name}`
  const old = new Map(before.map((row) => [place(row), row]))
  return rows.map((row) => {
    const was = old.get(place(row))
    if (!was) return row
    const edited = (field: 'name' | 'address' | 'username', own: string) => (was[field] === own ? row[field] : was[field])
    return {
      ...row,
      picked: was.picked,
      name: edited('name', was.host.name),
      address: edited('address', was.host.address),
      username: edited('username', was.host.usernames[0] ?? ''),
    }
  })
}

/** Paths of private keys that the picked rows name, each once, with the accounts that wait for it. */
export function wantedKeys(rows: readonly DraftRow[]): { path: string; hosts: number; username: string }[] {
  const wanted = new Map<string, { path: string; hosts: number; username: string }>()
  for (const { host, picked, username } of rows)
    if (picked)
      for (const path of host.keyFiles) {
        const key = wanted.get(path) ?? { path, hosts: 0, username: '' }
        wanted.set(path, { ...key, hosts: key.hosts + 1, username: key.username || username })
      }
  return [...wanted.values()]
}

/** Which of the wanted paths a dropped key is: the one of its name, unless several have that name. */
export function pathOfKey(fileName: string, paths: readonly string[]): string | undefined {
  const alike = paths.filter((path) => baseName(path) === baseName(fileName))
  return alike.length === 1 ? alike[0] : undefined
}

/** How an account signs in: by the id of a shared credential under the path of its key, under the name the table gives, or chosen for all. */
export type Logins = { byKeyFile: ReadonlyMap<string, string>; byName: ReadonlyMap<string, string> }

/**
 * What is sent for each picked row, or the field that cannot be sent as it is. `rehearsal`: no secret leaves the page, and keys that are not stored yet count as asked
 * for. Jump hosts come before those that need them.
 */
export function makeRows(drafts: readonly DraftRow[], choices: ImportChoices, logins: Logins, rehearsal: boolean): MadeRow[] {
  const byName = new Map(drafts.map((draft) => [foldName(draft.host.name), draft]))
  return drafts.flatMap((draft, index): MadeRow[] => {
    if (!draft.picked) return []
    const { host } = draft
    const credential = host.credential === undefined ? undefined : logins.byName.get(host.credential)
    if (host.credential !== undefined && credential === undefined) return [{ index, fault: 'accounts' }]
    const usernames = usernamesOf(draft, choices)
    const auth = (first: boolean): AuthInput => {
      const key = host.keyFiles.map((path) => logins.byKeyFile.get(path)).find((id) => id !== undefined)
      if (first && host.password !== undefined) return rehearsal ? { kind: 'ask' } : { kind: 'password', password: host.password }
      const shared = credential ?? key ?? choices.credential
      return shared ? { kind: 'credential', id: shared } : { kind: 'ask' }
    }
    const jump = host.via && byName.get(foldName(host.via.name))
    // A user name that the jump host itself is signed in with follows when that is edited.
    const through =
      host.via && jump && (host.via.username === undefined || host.via.username === jump.host.usernames[0]) ? usernamesOf(jump, choices)[0] : host.via?.username
    const made = ImportRow.safeParse({
      name: draft.name.trim(),
      address: draft.address.trim(),
      port: host.port,
      tags: [...new Set([...host.tags, ...choices.tags])],
      hostKeyPolicy: host.policy ?? choices.policy,
      accounts: usernames.map((username, at) => ({ username, auth: auth(at === 0) })),
      trusted: rehearsal ? [] : host.trusted,
      ...(host.via ? { via: { name: jump ? jump.name.trim() : host.via.name, ...(through === undefined ? {} : { username: through }) } } : {}),
    })
    if (made.success) return [{ index, row: made.data }]
    const at = made.error.issues[0]?.path[0]
    return [{ index, fault: rowFields.find((field) => field === at) ?? 'name' }]
  })
}

function usernamesOf({ host, username }: DraftRow, choices: ImportChoices): string[] {
  const first = username.trim() || choices.username.trim()
  return [...new Set([first, ...host.usernames.slice(1)])].filter((name) => name !== '')
}

/** The server takes one transaction at a time; a few hundred rows keep it short, and the progress true. */
const mostInBite = 200
const mostBiteChars = 600_000

/** Bites in which no host stands before the one it is reached through; the rest of a ring comes last, for the server to refuse. */
export function inOrder(made: readonly { index: number; row: ImportRow }[]): { index: number; row: ImportRow }[][] {
  const byName = new Map(made.map((one) => [foldName(one.row.name), one]))
  const done = new Set<number>()
  const sorted: { index: number; row: ImportRow }[] = []
  const put = (one: { index: number; row: ImportRow }, depth: number): void => {
    if (done.has(one.index) || depth > 100) return
    const before = one.row.via && byName.get(foldName(one.row.via.name))
    if (before && before !== one) put(before, depth + 1)
    if (done.has(one.index)) return
    done.add(one.index)
    sorted.push(one)
  }
  for (const one of made) put(one, 0)
  const bites: { index: number; row: ImportRow }[][] = []
  let chars = 0
  for (const one of sorted) {
    const its = JSON.stringify(one.row).length
    const last = bites.at(-1)
    if (last && last.length < mostInBite && chars + its <= mostBiteChars) last.push(one)
    else bites.push([one])
    chars = last && bites.at(-1) === last ? chars + its : its
  }
  return bites
}

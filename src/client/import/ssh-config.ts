// Hosts of an OpenSSH client configuration: which there are, and what each comes to by ssh_config(5), where the first value wins.
import { Port } from '#domain/asset.ts'
import { matchesList, isPlainName } from './host-pattern.ts'
import type { ImportHost } from './import-host.ts'
import { type ImportNote, type ImportText, makeNote, mostHosts } from './import-note.ts'
import { JumpHosts } from './jump-hosts.ts'
import { type Place, readStatements, type Statement } from './ssh-config-lines.ts'

/** What the configuration says of one name. `jump` is the chain as written, nearest to us first; empty for `none`. */
export type Settings = {
  address: string
  port: number
  user: string | undefined
  keyFiles: string[]
  hostKeyAlias: string | undefined
  jump: { chain: string; at: Place } | undefined
  proxyCommand: Place | undefined
}

/**
 * Reads the files of one import as ssh would, for every name that a Host line spells out; nothing is fetched, run or looked up. Jump hosts that no line names are added
 * before those that need them. Hosts come in the order of their lines, at most 1,000.
 */
export function readSshConfig(files: readonly ImportText[]): { hosts: ImportHost[]; notes: ImportNote[] } {
  const { statements, notes } = readStatements(files)
  const said = new Set<string>()
  const say = (at: Place, code: ImportNote['code'], what: string) => {
    const key = `${at.file}\0${at.line}\0${code}\0${what}`
    if (!said.has(key)) notes.push(makeNote(at.file, at.line, code, what))
    said.add(key)
  }
  const names = new Map<string, Place>()
  for (const statement of statements) {
    if (statement.keyword !== 'host') continue
    for (const name of statement.words)
      if (isPlainName(name) && !names.has(name) && isFor(statement, name)) names.set(name, { file: statement.file, line: statement.line })
  }
  const resolved = new Map<string, Settings>()
  const settingsOf = (name: string) => {
    const settings = resolved.get(name) ?? resolve(name, statements, say)
    resolved.set(name, settings)
    return settings
  }
  const jumps = new JumpHosts({ settingsOf, named: names, say })
  for (const name of names.keys()) {
    if (jumps.hosts.length >= mostHosts) {
      say(names.get(name) ?? { file: '', line: 0 }, 'too_many_hosts', name)
      break
    }
    jumps.add(name)
  }
  if (names.size === 0) say({ file: files[0]?.name ?? '', line: 0 }, 'no_hosts', '')
  return { hosts: jumps.hosts.slice(0, mostHosts), notes }
}

function isFor(statement: Statement, name: string): boolean {
  return statement.when.every((condition) => condition !== 'never' && matchesList(name, condition.patterns))
}

function resolve(name: string, statements: readonly Statement[], say: (at: Place, code: ImportNote['code'], what: string) => void): Settings {
  const first = new Map<string, string>()
  const found: Settings = { address: name, port: 22, user: undefined, keyFiles: [], hostKeyAlias: undefined, jump: undefined, proxyCommand: undefined }
  let hasPort = false
  for (const statement of statements) {
    const { keyword, words } = statement
    const value = words[0] ?? ''
    if (!readsKeyword.has(keyword) || !isFor(statement, name)) continue
    if (keyword === 'identityfile') {
      if (value.toLowerCase() !== 'none' && !found.keyFiles.includes(value)) found.keyFiles.push(value)
      continue
    }
    if (keyword === 'port') {
      const port = Port.safeParse(/^\d{1,5}$/.test(value) ? Number(value) : undefined)
      if (!port.success) say(statement, 'port_unreadable', value)
      else if (!hasPort) {
        found.port = port.data
        hasPort = true
      }
      continue
    }
    if (keyword === 'proxyjump' || keyword === 'proxycommand') {
      // The two compete: whichever stands first keeps the other out.
      if (found.jump !== undefined || found.proxyCommand !== undefined) continue
      const isNone = words.length === 1 && value.toLowerCase() === 'none'
      if (keyword === 'proxyjump') found.jump = { chain: isNone ? '' : words.join(''), at: statement }
      else if (isNone) found.jump = { chain: '', at: statement }
      else {
        found.proxyCommand = statement
        say(statement, 'proxy_command', words.join(' '))
      }
      continue
    }
    if (!first.has(keyword)) first.set(keyword, expand(value, name, keyword, statement, say))
  }
  found.address = first.get('hostname') ?? name
  found.user = first.get('user')
  found.hostKeyAlias = first.get('hostkeyalias')
  return found
}

const readsKeyword = new Set(['hostname', 'user', 'port', 'proxyjump', 'proxycommand', 'identityfile', 'hostkeyalias'])

/** `%h` is the name as typed and `%%` a percent sign; the others are facts of a machine that we are not on. */
function expand(value: string, name: string, keyword: string, at: Place, say: (at: Place, code: ImportNote['code'], what: string) => void): string {
  return value.replace(/%(.?)/g, (token, letter: string) => {
    if (letter === '%') return '%'
    if ((letter === 'h' && keyword === 'hostname') || letter === 'n') return name
    say(at, 'token_unknown', value)
    return token
  })
}

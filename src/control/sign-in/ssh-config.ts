// A block for ~/.ssh/config: every host as its own name, so that ssh, scp, rsync, git and editors find it without thinking of the door.
import type { DoorPublicKey } from './door-keys.ts'
import type { UsableHost } from './usable-hosts.ts'

/** Under which a client keeps the door's keys, by whichever name or port it came. */
export const knownHostsName = 'sallyport'
export const maxConfigHosts = 1000
const maxNamesToldOfLeftOut = 20
/** What ssh_config(5) takes as it is, in `Host` and in `User`: no pattern, no quote, no comment, no token, no option. */
const isPlain = (name: string): boolean => /^[A-Za-z0-9_@.][A-Za-z0-9_@.-]*$/.test(name)

type At = { host: string; port: number; username: string }

/** Lines for a known_hosts file. */
export const knownHostsOf = (keys: readonly DoorPublicKey[]): string => keys.map(({ type, publicKey }) => `${knownHostsName} ${type} ${publicKey}\n`).join('')

/**
 * `Host NAME` for the first account of each host, `Host ACCOUNT.NAME` for the others. Names that would mean something else there are left out and told in a comment. `count`: hosts that are in it,
 * at most `maxConfigHosts`.
 */
export function sshConfigText(at: At, hosts: readonly UsableHost[]): { text: string; count: number } {
  if (!isPlain(at.username))
    return { text: `# Your user name has characters that ~/.ssh/config cannot hold: use ssh -p ${at.port} -l 'YOUR-NAME+HOST' ${at.host} instead.\n`, count: 0 }
  const named = hosts.filter(({ name }) => isPlain(name))
  const all = named.slice(0, maxConfigHosts)
  // A host called as another one with its account keeps its name.
  const taken = new Set(all.map(({ name }) => name.toLowerCase()))
  const leftOut = hosts.filter(({ name }) => !isPlain(name)).map(({ name }) => name)
  const blocks: string[] = []
  let count = 0
  for (const { name, accounts } of all) {
    const plain = accounts.filter(isPlain)
    leftOut.push(...accounts.filter((account) => !isPlain(account)).map((account) => `${account} on ${name}`))
    if (plain.length > 0) count += 1
    plain.forEach((account, index) => {
      const alias = index === 0 ? name : `${account}.${name}`
      if (index > 0 && taken.has(alias.toLowerCase())) return leftOut.push(`${account} on ${name}`)
      taken.add(alias.toLowerCase())
      return blocks.push(blockOf(alias, at, `${at.username}+${account}+${name}`))
    })
  }
  const example = all.find(({ accounts }) => accounts.some(isPlain))
  const account = example?.accounts.find(isPlain)
  const head = headOf(at, example && account !== undefined ? { name: example.name, account } : undefined)
  return { text: [head, ...blocks, tailOf(leftOut, named.length - all.length)].join('\n'), count }
}

function blockOf(alias: string, { host, port }: At, user: string): string {
  return [`Host ${alias}`, `  HostName ${host}`, `  Port ${port}`, `  User ${user}`, `  HostKeyAlias ${knownHostsName}`, ''].join('\n')
}

function headOf({ host, port, username }: At, example: { name: string; account: string } | undefined): string {
  const lines = ['# Sallyport: the hosts that you may use. Paste into ~/.ssh/config; the lines for ~/.ssh/known_hosts belong to it.']
  if (example)
    lines.push(
      '# The same through a jump, for programs that want to name the account themselves:',
      `#   Host ${knownHostsName}`,
      `#     HostName ${host}`,
      `#     Port ${port}`,
      `#     User ${username}`,
      `#     HostKeyAlias ${knownHostsName}`,
      `#   Host ${example.name}`,
      `#     ProxyJump ${knownHostsName}`,
      `#     User ${example.account}`,
      `#     HostKeyAlias ${knownHostsName}`,
    )
  return [...lines, ''].join('\n')
}

function tailOf(leftOut: readonly string[], beyond: number): string {
  const lines: string[] = []
  for (const name of leftOut.slice(0, maxNamesToldOfLeftOut)) lines.push(`# Left out, since its name means something else to ssh or is taken: ${name}`)
  if (leftOut.length > maxNamesToldOfLeftOut) lines.push(`# Left out too: ${leftOut.length - maxNamesToldOfLeftOut} more`)
  if (beyond > 0) lines.push(`# ${beyond} more are not in this block, which holds ${maxConfigHosts} at most.`)
  return lines.map((line) => `${line}\n`).join('')
}

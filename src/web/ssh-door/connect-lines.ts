// What a person types on their own machine to come through the SSH door. Pure; every name is quoted for the shell, since whoever names hosts must not write commands.
import type { DoorView } from '#wire/api/door.ts'

/** Where ssh clients go. */
export type Place = { host: string; port: number }
/** A login on a host, and who goes there. */
export type Whither = { operator: string; account: string; asset: string }

/** Undefined while the door is shut. */
export const placeOf = ({ host, port }: Pick<DoorView, 'host' | 'port'>): Place | undefined =>
  host === undefined || port === undefined ? undefined : { host, port }

const plain = /^[A-Za-z0-9@%+=:,./_[\]-]+$/
/** For POSIX shells and PowerShell alike, as far as names go: bare, or in single quotes. */
export const shellWord = (text: string): string => (plain.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** `alice+root+web1`: the form that every client takes. */
export const doorName = ({ operator, account, asset }: Whither): string => `${operator}+${account}+${asset}`
const portFlag = (flag: '-p' | '-P', port: number) => (port === 22 ? '' : `${flag} ${port} `)
const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host)

/** `ssh -p 2222 alice+root+web1@bastion`; `user` any name of the door. */
export const sshLine = ({ host, port }: Place, user: string): string => `ssh ${portFlag('-p', port)}${shellWord(`${user}@${host}`)}`

/** Examples for everything else that people use, each for the shell but `code`, which VS Code asks for. */
export function connectLines(place: Place, whither: Whither) {
  const { host, port } = place
  const user = doorName(whither)
  const remote = (path: string) => shellWord(`${user}@${bracketed(host)}:${path}`)
  const ssh = `ssh ${portFlag('-p', port)}`.trim()
  const hostAndPort = port === 22 ? bracketed(host) : `${bracketed(host)}:${port}`
  const jump = `${whither.operator}@${hostAndPort}`
  const name = user.split('+').map(encodeURIComponent).join('+')
  return {
    ssh: sshLine(place, user),
    scp: `scp ${portFlag('-P', port)}report.pdf ${remote('/tmp/')}`,
    sftp: `sftp ${portFlag('-P', port)}${shellWord(`${user}@${bracketed(host)}`)}`,
    rsync: `rsync -av ${port === 22 ? '' : `-e '${ssh}' `}site/ ${remote('/srv/site/')}`,
    git: `git clone ${shellWord(`ssh://${name}@${hostAndPort}/srv/git/project.git`)}`,
    code: sshLine(place, user),
    jump: `ssh -J ${shellWord(jump)} ${shellWord(`${whither.account}@${whither.asset}`)}`,
  }
}
export type LineKind = keyof ReturnType<typeof connectLines>

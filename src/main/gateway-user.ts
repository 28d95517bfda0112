// As whom gateways run when the product was started as root.
import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { WrongUsage } from './say.ts'

export type RunAs = { uid: number; gid: number }

/** Nobody's number on a usual system: used when no user was made for gateways. */
const numericUser: RunAs = { uid: 64022, gid: 64022 }
const systemUser = 'sallyport-gateway'

/** `named`: a user of this system, `UID` or `UID:GID`. Throws `WrongUsage` when there is no such user, or when it is root. */
export function findGatewayUser(named: string | undefined, passwd = readFileSync('/etc/passwd', 'utf8')): RunAs {
  const user = named === undefined ? (lookUp(systemUser, passwd) ?? numericUser) : (parseNumbers(named) ?? lookUp(named, passwd))
  if (!user) throw new WrongUsage(`there is no user "${named}" on this machine: make it, or give --gateway-user a number`)
  if (user.uid === 0 || user.gid === 0) throw new WrongUsage('gateways must not run as root: give --gateway-user another user')
  return user
}

function parseNumbers(text: string): RunAs | undefined {
  const match = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text)
  return match ? { uid: Number(match[1]), gid: Number(match[2] ?? match[1]) } : undefined
}

function lookUp(name: string, passwd: string): RunAs | undefined {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((line) => line[0] === name)
  return fields ? parseNumbers(`${fields[2]}:${fields[3]}`) : undefined
}

/** The first folder on the way to any of the paths that the user may not pass; undefined when the way is open. */
export function closedFolder(paths: readonly string[], user: RunAs): string | undefined {
  for (const path of paths) {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const { mode, uid, gid } = statSync(folder)
      const passes = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001
      if (!passes) return folder
      if (folder === dirname(folder)) break
    }
  }
  return undefined
}

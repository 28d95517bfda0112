// Lines for a person's own shell that put a public key onto a host. Pure.

/** Single quotes, in which a POSIX shell reads nothing; a quote inside is closed, escaped and opened again. */
export const shellQuoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** The line for `~/.ssh/authorized_keys`; the comment says where the private half is. */
export const authorizedLine = (publicKey: string): string => `${publicKey.trim()} sallyport`

export type KeyGoal = { username: string; address: string; port: number }

/** Does what `ssh-copy-id` does, which wants a key file: appends the line with the right permissions. */
export function copyCommand(publicKey: string, { username, address, port }: KeyGoal): string {
  const remote = 'umask 077; mkdir -p ~/.ssh && cat >> ~/.ssh/authorized_keys'
  return `echo ${shellQuoted(authorizedLine(publicKey))} | ssh ${port === 22 ? '' : `-p ${port} `}-l ${shellQuoted(username)} ${shellQuoted(address)} ${shellQuoted(remote)}`
}

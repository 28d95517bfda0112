// What `serve` prints when people can use it.
import { userInfo } from 'node:os'
import type { ChildStatus } from './child-status.ts'
import { isLoopback, sshCommand } from './listener.ts'

export type Ready = {
  version: string
  address: string
  /** Where it listens, when that is not the address. */
  listens: string
  claim: string | undefined
  port: number
  /** Where the SSH door listens; undefined when it is shut. */
  ssh: { host: string; port: number } | undefined
  /** `SSH_CONNECTION` of the shell that started us: client address and port, server address and port. */
  sshConnection: string | undefined
  isLoopback: boolean
  statuses: readonly ChildStatus[]
  warnings: readonly string[]
}

export function readyText(ready: Ready): string {
  const lines = [`Sallyport ${ready.version} is ready.`, `  Web     ${ready.address}`]
  if (ready.listens !== ready.address) lines.push(`  Listens ${ready.listens}`)
  if (ready.claim) lines.push(`  Claim   ${ready.claim}`, '          Open it to make the first administrator.')
  const administrator = ready.statuses.find((status) => status.administrator)?.administrator
  if (ready.ssh) lines.push(`  SSH     ${sshCommand(ready.ssh, ready.address, administrator)}`)
  const ports = [...(ready.isLoopback ? [ready.port] : []), ...(ready.ssh && isLoopback(ready.ssh.host) ? [ready.ssh.port] : [])]
  const tunnel = tunnelLine(ready.sshConnection, ports)
  if (tunnel) lines.push(`  Tunnel  ${tunnel}`, '          Run it on your own machine, then open the address there.')
  const crypto = new Set(ready.statuses.flatMap((status) => status.crypto ?? []))
  if (crypto.size > 0) lines.push(`  Crypto  ${[...crypto].join(', ')}`)
  const ledgerKey = ready.statuses.find((status) => status.ledgerKey)?.ledgerKey
  if (ledgerKey) lines.push(`  Ledger  ${ledgerKey}`)
  for (const warning of new Set([...ready.warnings, ...ready.statuses.flatMap((status) => status.warnings)])) lines.push(`  Warning: ${warning}`)
  return `${lines.join('\n')}\n`
}

function tunnelLine(sshConnection: string | undefined, ports: readonly number[]): string | undefined {
  const [, , server, serverPort] = (sshConnection ?? '').split(' ')
  if (!server || ports.length === 0) return undefined
  return `ssh ${ports.map((port) => `-L ${port}:127.0.0.1:${port}`).join(' ')}${serverPort && serverPort !== '22' ? ` -p ${serverPort}` : ''} ${userInfo().username}@${server}`
}

// What `serve` prints when people can use it.
import { userInfo } from 'node:os'
import type { ChildStatus } from './child-status.ts'

export type Ready = {
  version: string
  address: string
  /** Where it listens, when that is not the address. */
  listens: string
  claim: string | undefined
  port: number
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
  const tunnel = ready.isLoopback ? tunnelLine(ready.sshConnection, ready.port) : undefined
  if (tunnel) lines.push(`  Tunnel  ${tunnel}`, '          Run it on your own machine, then open the address there.')
  const crypto = new Set(ready.statuses.flatMap((status) => status.crypto ?? []))
  if (crypto.size > 0) lines.push(`  Crypto  ${[...crypto].join(', ')}`)
  const ledgerKey = ready.statuses.find((status) => status.ledgerKey)?.ledgerKey
  if (ledgerKey) lines.push(`  Ledger  ${ledgerKey}`)
  for (const warning of new Set([...ready.warnings, ...ready.statuses.flatMap((status) => status.warnings)])) lines.push(`  Warning: ${warning}`)
  return `${lines.join('\n')}\n`
}

function tunnelLine(sshConnection: string | undefined, port: number): string | undefined {
  const [, , server, serverPort] = (sshConnection ?? '').split(' ')
  if (!server) return undefined
  return `ssh -L ${port}:127.0.0.1:${port}${serverPort && serverPort !== '22' ? ` -p ${serverPort}` : ''} ${userInfo().username}@${server}`
}

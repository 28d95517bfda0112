// Entry of the process that opens one session, lets it flood, reads all of it and does nothing with it. Ends when its stdin does.
import type { NoiseOrder } from './noise-process.ts'
import { openSsh } from './openssh.ts'
import { openTerminal } from './terminal.ts'
import { quiet } from './shell.ts'

const order = JSON.parse(process.argv[2] ?? '{}') as NoiseOrder
const shell = 'openssh' in order ? openSsh(order.openssh) : await openTerminal(order.sallyport.url, order.sallyport.ticket)
const leave = () => void shell.close().finally(() => process.exit(0))
process.on('SIGTERM', leave)
process.stdin.on('close', leave).resume()
await quiet(shell)
let bytes = 0
shell.onBytes = (chunk) => {
  if (bytes < 10_000_000 && bytes + chunk.length >= 10_000_000) process.stdout.write('flows\n')
  bytes += chunk.length
}
shell.write('yes the quick brown fox jumps over the lazy dog 0123456789\n')

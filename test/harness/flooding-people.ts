// People whose terminals print without end, in a process of their own, so that reading them does not slow the one who measures. Argument: `{url,tickets}` as JSON. Prints `flooding` when each has got a megabyte.
import { z } from 'zod'
import { TerminalClient } from './terminal-client.ts'
import { waitUntil } from './wait.ts'

const { url, tickets } = z.object({ url: z.string(), tickets: z.array(z.string()) }).parse(JSON.parse(process.argv[2] ?? ''))
const terminals = await Promise.all(tickets.map((ticket) => TerminalClient.connect({ url, ticket })))
// What they show is of no use to anybody.
setInterval(() => terminals.forEach((terminal) => terminal.clear()), 50)
for (const terminal of terminals) {
  await terminal.waitForWelcome(60_000)
  terminal.send('yes\n')
}
await waitUntil('the floods', () => terminals.every((terminal) => terminal.received > 1_000_000), { withinMs: 120_000 })
process.stdout.write('flooding\n')

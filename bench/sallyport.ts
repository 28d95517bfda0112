// The product under measure: the real command line, recording on. One gateway, so that all sessions share a process: the worst case for who types beside a flood.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { ApiClient } from '../test/harness/api-client.ts'
import type { Product } from '../test/harness/product.ts'
import type { SavedHost } from '../test/harness/saved-host.ts'
import { waitUntil } from '../test/harness/wait.ts'
import { cpuSeconds, family, memoryBytes, threadSeconds } from './cost.ts'
import { startNoise } from './noise-process.ts'
import type { Side } from './shell.ts'
import { openTerminal } from './terminal.ts'

export function sallyportSide(product: Product, api: ApiClient, host: SavedHost): Side {
  const shelf = path.join(product.data, 'control', 'recordings')
  let opened = 0
  const ticketFor = async () => {
    const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })
    opened += 1
    return ticket
  }
  // Supervisor, control and gateway.
  const pids = () => family(product.pid)
  return {
    open: async () => openTerminal(product.url, await ticketFor()),
    cpuSeconds: () => cpuSeconds(pids()),
    screenSeconds: () => threadSeconds(pids(), 'screens'),
    memoryBytes: () => memoryBytes(pids()),
    async settled() {
      const startedAt = performance.now()
      // Looked for on the shelf itself: to ask Sallyport would cost it what is measured.
      await waitUntil('every recording to be sealed', () => sealedOn(shelf) >= opened, { withinMs: 60_000, everyMs: 10 })
      return performance.now() - startedAt
    },
    noise: async () => startNoise({ sallyport: { url: product.url, ticket: await ticketFor() } }),
  }
}

/** Heads are written when a recording is sealed. */
const sealedOn = (shelf: string) => readdirSync(shelf, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.head.json')).length

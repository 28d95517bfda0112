// The product under measure: the real command line, recording on. One gateway, so that all sessions share a process: the worst case for who types beside a flood.
import type { ApiClient } from '../test/harness/api-client.ts'
import type { Product } from '../test/harness/product.ts'
import { listSessions, type SavedHost } from '../test/harness/saved-host.ts'
import { waitUntil } from '../test/harness/wait.ts'
import { cpuSeconds, family, memoryBytes } from './cost.ts'
import { startNoise } from './noise-process.ts'
import type { Side } from './shell.ts'
import { openTerminal } from './terminal.ts'

export function sallyportSide(product: Product, api: ApiClient, host: SavedHost): Side {
  const ticketFor = async () => (await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })).ticket
  // Supervisor, control and gateway.
  const pids = () => family(product.pid)
  return {
    open: async () => openTerminal(product.url, await ticketFor()),
    cpuSeconds: () => cpuSeconds(pids()),
    memoryBytes: () => memoryBytes(pids()),
    async settled() {
      const startedAt = performance.now()
      await waitUntil(
        'every recording to be sealed',
        async () => (await listSessions(api)).items.every((session) => session.state === 'ended' && session.recording?.state === 'intact'),
        { withinMs: 60_000, everyMs: 20 },
      )
      return performance.now() - startedAt
    },
    noise: async () => startNoise({ sallyport: { url: product.url, ticket: await ticketFor() } }),
  }
}

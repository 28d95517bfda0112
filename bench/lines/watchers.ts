// What fifty watchers of a flood cost its owner: how long a key takes to come back amid the flood, with them and without.
import type { ApiClient } from '../../test/harness/api-client.ts'
import type { Product } from '../../test/harness/product.ts'
import type { SavedHost } from '../../test/harness/saved-host.ts'
import { type Line, median, pairs, quantile } from '../numbers.ts'
import { quiet } from '../shell.ts'
import { openTerminal } from '../terminal.ts'
import { startWatchers } from '../watching-process.ts'

const keys = 100
/** A byte that the flood has not. */
const mark = '#'

async function once(product: Product, api: ApiClient, host: SavedHost, watchers: number): Promise<number> {
  const ask = async (body: object) => (await api.call<{ ticket: string }>('POST', '/tickets', body)).ticket
  const shell = await openTerminal(product.url, await ask({ kind: 'shell', asset: host.id, account: host.account }))
  await quiet(shell)
  const { session } = shell
  const tickets: string[] = []
  for (let count = 0; count < watchers; count += 1) tickets.push(await ask({ kind: 'watch', session }))
  const watching = watchers === 0 ? undefined : await startWatchers({ url: product.url, session, tickets })
  shell.write('stty echo; yes the quick brown fox jumps over the lazy dog 0123456789\n')
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const times: number[] = []
  for (let key = 0; key < keys; key += 1) {
    const startedAt = performance.now()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no echo within 10 s')), 10_000)
      shell.onBytes = (bytes) => {
        if (!bytes.includes(mark.charCodeAt(0))) return
        clearTimeout(timer)
        resolve()
      }
      shell.write(mark)
    })
    times.push(performance.now() - startedAt)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  shell.onBytes = () => undefined
  await watching?.stop()
  await shell.close()
  return quantile(times, 0.99)
}

export async function watchers(product: Product, api: ApiClient, host: SavedHost, rounds: number): Promise<Line[]> {
  const { a, b } = await pairs(
    rounds,
    () => once(product, api, host, 50),
    () => once(product, api, host, 0),
  )
  const added = median(a.map((value, round) => value - (b[round] ?? Number.NaN)))
  return [
    { name: '50 watchers of a flood, added to its owner’s p99', unit: 'ms', sallyport: added, openssh: Number.NaN, better: 'lower', hold: 5, of: 'sallyport' },
  ]
}

// What a terminal of an ssh client holds while nothing happens in it, each over a connection of its own: the slope of all processes' memory through 100, 300 and 500 of them.
import type { ApiClient } from '../../test/harness/api-client.ts'
import { lookInside } from '../../test/harness/inside.ts'
import type { Product } from '../../test/harness/product.ts'
import { makeRawPeople, openRawTerminals, type RawTerminal } from '../../test/harness/raw-terminals.ts'
import { saveHost } from '../../test/harness/saved-host.ts'
import { startSshd } from '../../test/harness/sshd.ts'
import { family, memoryBytes } from '../cost.ts'
import { type Line, slope } from '../numbers.ts'

const steps = [100, 300, 500]
// The first block of a recording is cut after 5 s; what it took is given back then.
const quietMs = 7000

export async function nativeIdle(product: Product, api: ApiClient): Promise<Line[]> {
  // The cheapest shell there is: it is not the host that is looked at.
  const sshd = await startSshd({ config: ['ForceCommand echo ready; exec cat'] })
  const open: RawTerminal[] = []
  try {
    await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'native-idle' })
    const people = await makeRawPeople(product, Math.max(...steps))
    const points: { x: number; y: number }[] = []
    for (const step of steps) {
      open.push(...(await openRawTerminals(step - open.length, product, people, 'native-idle', 'ready\r\n')))
      await new Promise((resolve) => setTimeout(resolve, quietMs))
      await lookInside(product)
      points.push({ x: open.length, y: memoryBytes(family(product.pid)) })
    }
    return [{ name: 'native idle session', unit: 'KB', sallyport: slope(points) / 1e3, openssh: Number.NaN, better: 'lower', of: 'sallyport' }]
  } finally {
    for (const terminal of open) terminal.leave()
    await Promise.all(open.map(({ client }) => client.closed))
    await sshd.stop()
  }
}

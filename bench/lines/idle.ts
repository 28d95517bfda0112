// What a session that nothing happens in holds: the slope of all processes' memory through 100, 300 and 500 of them, each time after everything unused was collected.
import { lookInside } from '../../test/harness/inside.ts'
import type { ApiClient } from '../../test/harness/api-client.ts'
import type { Product } from '../../test/harness/product.ts'
import { saveHost } from '../../test/harness/saved-host.ts'
import { startSshd } from '../../test/harness/sshd.ts'
import { type Line, slope } from '../numbers.ts'
import { sallyportSide } from '../sallyport.ts'
import type { Shell, Side } from '../shell.ts'

const steps = [100, 300, 500]
const atOnce = 4
// The first block of a recording is cut after 5 s; what it took is given back then.
const quietMs = 7000

export async function idle(product: Product, api: ApiClient): Promise<Line[]> {
  // The cheapest shell there is: it is not the host that is looked at.
  const sshd = await startSshd({ config: ['ForceCommand read line'] })
  const open: Shell[] = []
  try {
    const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'idle' })
    const side = sallyportSide(product, api, host)
    const points: { x: number; y: number }[] = []
    for (const step of steps) {
      let next = open.length
      const opener = async () => {
        while (next++ < step) open.push(await opened(side))
      }
      await Promise.all(Array.from({ length: atOnce }, opener))
      await new Promise((resolve) => setTimeout(resolve, quietMs))
      await lookInside(product)
      points.push({ x: open.length, y: side.memoryBytes() })
    }
    return [{ name: 'idle session', unit: 'KB', sallyport: slope(points) / 1e3, openssh: Number.NaN, better: 'lower', hold: 80, of: 'sallyport' }]
  } finally {
    await Promise.all(open.map((shell) => shell.close()))
    await sshd.stop()
  }
}

/** How long it takes is not measured here: on a machine with other work a few of so many are refused for the moment. */
async function opened(side: Side): Promise<Shell> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await side.open()
    } catch (cause) {
      if (tries === 5) throw cause
      await new Promise((resolve) => setTimeout(resolve, 2000))
    }
  }
}

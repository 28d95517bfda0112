// The large count of `test/nothing-left-behind.test.ts`: after ten thousand sessions everything is where it was after the first thousand.
import { expect, it } from 'vitest'
import { lookWhenQuiet, moreHandles, type SeenInside } from '../harness/inside.ts'
import { endsInControl, expectedEnds, growthOf, openAndEnd, startManyHosts } from '../harness/many-sessions.ts'
import { startProduct } from '../harness/product.ts'

const thousands = 10

it('holds after 10,000 sessions what it held after 1,000', async () => {
  const product = await startProduct({ flags: ['--sessions-per-operator', '1000'] })
  const api = await product.claim()
  const hosts = await startManyHosts(api, 4)
  try {
    const seen: SeenInside[][] = []
    for (let thousand = 1; thousand <= thousands; thousand += 1) {
      await openAndEnd(product, api, hosts, 1000)
      expect(await endsInControl(api, thousand * 1000)).toEqual(expectedEnds(thousand * 1000))
      seen.push(await lookWhenQuiet(product))
    }
    const [first = [], last = []] = [seen[0], seen.at(-1)]
    expect(moreHandles(first, last)).toEqual([])
    for (const { name, per1000 } of growthOf(first, last, (thousands - 1) * 1000)) {
      // Of 1,000 sessions: not fifty objects, 100 KB of heap. The process as a whole goes up and down by 20 MB with what the allocator and the recorder's thread keep.
      expect(per1000.objects, name).toBeLessThan(50)
      expect(per1000.heapBytes, name).toBeLessThan(100_000)
      expect(per1000.rssBytes, name).toBeLessThan(6_000_000)
    }
  } finally {
    await product.stop()
    await Promise.all(hosts.sshds.map((sshd) => sshd.stop()))
  }
})

// The large count of `test/gateway-killed.test.ts`. Restart limits are for crashes in a row, so each product is used for a few rounds only.
import { expect, it } from 'vitest'
import { gatewaysAreBack, killGatewaysInMidFlood } from '../harness/gateway-kill.ts'
import { startProduct } from '../harness/product.ts'
import { saveHost } from '../harness/saved-host.ts'
import { startSshd } from '../harness/sshd.ts'

const rounds = 200
const roundsPerProduct = 4

it(`loses nothing that was shown in ${rounds} kills of the gateways in mid-flood`, async () => {
  const sshd = await startSshd()
  let done = 0
  try {
    while (done < rounds) {
      const product = await startProduct()
      try {
        const api = await product.claim()
        const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
        for (let round = 0; round < roundsPerProduct && done < rounds; round += 1, done += 1) {
          await killGatewaysInMidFlood(product, api, host)
          await gatewaysAreBack(product, api)
        }
      } finally {
        await product.stop()
      }
    }
  } finally {
    await sshd.stop()
  }
  expect(done).toBe(rounds)
})

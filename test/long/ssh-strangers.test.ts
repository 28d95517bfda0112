// The large counts of `test/ssh-door.test.ts`: two thousand connections that say nothing, and those that say too little, each as slowly as it may.
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RawClient } from '../../src/ssh/raw-ssh-client.fixture.ts'
import { type Product, startProduct } from '../harness/product.ts'
import { makeRawKey, rawSignIn } from '../harness/raw-terminals.ts'
import { waitUntil } from '../harness/wait.ts'

const key = makeRawKey()
let product: Product

beforeAll(async () => {
  product = await startProduct({ gateways: 1 })
  const api = await product.claim()
  await api.call('POST', '/me/keys', { line: key.line, name: 'raw' })
})
afterAll(() => product?.stop())

it('two thousand silent connections, and more all the time, keep nobody out (DOS-01)', async () => {
  const open = new Set<Socket>()
  let shed = 0
  let isOver = false
  const dial = () => {
    const socket = connect(product.sshPort, '127.0.0.1')
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      open.delete(socket)
      shed += 1
      // Whoever is cut comes back.
      if (!isOver) setTimeout(dial, 5000)
    })
    socket.resume()
  }
  for (let count = 0; count < 2000; count += 1) dial()
  try {
    await waitUntil('most to be shed', () => shed > 1500, { withinMs: 60_000 })
    const took: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const from = performance.now()
      await waitUntil(
        'a sign-in',
        () =>
          rawSignIn(product.sshPort, 'ada', key).then(
            ({ socket }) => socket.destroy() && true,
            () => false,
          ),
        { withinMs: 60_000 },
      )
      took.push(Math.round(performance.now() - from))
    }
    process.stdout.write(`sign-ins beside ${shed} connections that were shed: ${took.join(', ')} ms\n`)
    expect(took.toSorted((one, other) => one - other)[2]).toBeLessThan(2000)
  } finally {
    isOver = true
    for (const socket of open) socket.destroy()
  }
}, 400_000)

it('connections that drip, or stop in the middle of the key exchange, end after 30 s, those that do not sign in after two minutes (DOS-02)', async () => {
  const lived = async (act: (client: RawClient) => Promise<unknown>) => {
    const client = await RawClient.connect(product.sshPort)
    const from = performance.now()
    await act(client)
    await client.end(140_000)
    return (performance.now() - from) / 1000
  }
  const [drips, stops, waits] = await Promise.all([
    lived(async (client) => {
      const timer = setInterval(() => client.bytes(Buffer.from('S')), 5000)
      await client.closed.finally(() => clearInterval(timer))
    }),
    lived(async (client) => {
      await client.identify()
      client.sendKexInit()
    }),
    lived(async (client) => {
      await client.exchangeKeys()
      await client.service()
    }),
  ])
  for (const seconds of [drips, stops]) expect(seconds).toBeLessThan(35)
  expect(waits).toBeGreaterThan(100)
  expect(waits).toBeLessThan(125)
}, 200_000)

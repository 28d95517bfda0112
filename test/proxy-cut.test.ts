// A proxy that cuts terminals after a fixed time is named, and costs nothing but the mention: the typed client against the product, through a proxy that does.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { SocketLike } from '#client/terminal-connection.ts'
import { TerminalStream } from '#client/terminal-stream.ts'
import type { ApiClient } from './harness/api-client.ts'
import { CuttingProxy } from './harness/cutting-proxy.ts'
import { type Product, startProduct } from './harness/product.ts'
import { saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let proxy: CuttingProxy
let api: ApiClient
let host: SavedHost
beforeAll(async () => {
  proxy = await CuttingProxy.start(() => product.port)
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--public-url', proxy.url] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await proxy?.stop()
  await product?.stop()
  await sshd?.stop()
})

async function open() {
  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })
  const seen = { suspected: [] as number[], resumed: 0, text: '', ended: false }
  const stream: TerminalStream = new TerminalStream({
    url: `${proxy.url.replace('http', 'ws')}/terminal`,
    ticket,
    cols: 80,
    rows: 24,
    makeSocket: (url, subprotocol) => new WebSocket(url, [subprotocol], { headers: { origin: proxy.url }, perMessageDeflate: false }) as unknown as SocketLike,
    // The rule is the product's own; only the time under which nothing is suspected is shorter, so that the test is.
    pace: { leastLifetimeMs: 1000 },
    events: {
      output: (bytes, end) => {
        seen.text += Buffer.from(bytes).toString('latin1')
        stream.parsed(end)
      },
      resumed: () => void seen.resumed++,
      proxySuspected: ({ afterSeconds }) => seen.suspected.push(afterSeconds),
      ended: () => {
        seen.ended = true
      },
    },
  })
  await waitUntil('WELCOME', () => stream.state === 'open')
  stream.input(Buffer.from("PS1='$ '; stty -echo\n"))
  return { stream, seen }
}
const leave = async ({ stream }: Awaited<ReturnType<typeof open>>) => {
  stream.close()
  await waitUntil('the end', () => stream.state === 'closed')
}

it('names a proxy that cuts terminals after the same time, once, while no line is lost', async () => {
  proxy.terminalsLastMs = 3000
  const terminal = await open()
  terminal.stream.input(Buffer.from('for i in $(seq 1 400); do echo "line-$i-"; sleep 0.05; done; echo all-$((40+2))\n'))
  await waitUntil('five cuts', () => terminal.seen.resumed >= 5, { withinMs: 60_000 })
  await waitUntil('the last line', () => terminal.seen.text.includes('all-42'), { withinMs: 60_000 })
  const lines = [...terminal.seen.text.matchAll(/line-(\d+)-/g)].map((match) => Number(match[1]))
  expect(lines).toEqual(Array.from({ length: 400 }, (_, at) => at + 1))
  expect(terminal.seen.suspected).toEqual([3])
  proxy.terminalsLastMs = undefined
  await leave(terminal)
})

it('suspects nobody when a network is merely poor', async () => {
  proxy.terminalsLastMs = undefined
  const terminal = await open()
  for (const afterMs of [1100, 3500, 1500, 4200]) {
    const { resumed } = terminal.seen
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    proxy.cut('terminals')
    await waitUntil('it to be back', () => terminal.seen.resumed > resumed)
  }
  expect(terminal.seen.suspected).toEqual([])
  await leave(terminal)
})

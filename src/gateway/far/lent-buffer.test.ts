import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { dialFar } from './dial.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson } from './test-asks.ts'

let sshd: TestSshd
let network: Server
const open = new Set<Socket>()
/** A network that delivers in pieces of every size from one byte on, and never two of them together. */
beforeAll(async () => {
  sshd = await startSshd()
  network = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: sshd.host, port: sshd.port, noDelay: true })
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => (near.destroy(), far.destroy()))
    }
    near.pipe(far)
    let size = 1
    far.on('data', (chunk: Buffer) => {
      far.pause()
      let at = 0
      const next = () => {
        if (at >= chunk.length || near.destroyed) return void far.resume()
        near.write(chunk.subarray(at, at + size))
        at += size
        size = (size % 97) + 1
        setImmediate(next)
      }
      next()
    })
  })
  network.listen(0, '127.0.0.1')
  await once(network, 'listening')
}, 60_000)
afterAll(async () => {
  for (const socket of open) socket.destroy()
  network?.close()
  await sshd?.stop()
})

async function dialled(index: number): Promise<{ all: Buffer; exit: unknown }> {
  const { port } = network.address() as AddressInfo
  const { far } = await dialFar({
    admission: admissionFor({ address: '127.0.0.1', port, username: sshd.user }, { hostKeys: [hostKeyFromLine(sshd.hostKeys.ed25519.publicKey)] }),
    link: playLink({ password: sshd.password ?? '' }),
    prompter: playPerson(() => null),
    size: { cols: 80, rows: 24 },
    term: 'xterm',
    listeners: [],
    signal: new AbortController().signal,
  })
  const chunks: Uint8Array[] = []
  const closed = new Promise<unknown>((resolve) => {
    far.on = { output: (bytes) => void chunks.push(bytes), room: () => undefined, closed: (exit, cause) => resolve([exit, cause]) }
  })
  far.resume()
  far.write(Buffer.from(`stty raw -echo; PS1=; seq ${index}00000 ${index}50000; exit ${index}\n`))
  return { exit: await closed, all: Buffer.concat(chunks) }
}

it('carries two sessions whole through the buffer that they share, wherever a packet is cut in two', async () => {
  const both = await Promise.all([dialled(1), dialled(2)])
  both.forEach(({ all, exit }, at) => {
    expect(exit).toEqual([{ exitStatus: at + 1 }, undefined])
    expect(all.includes(Array.from({ length: 50_001 }, (_, line) => `${(at + 1) * 100_000 + line}\n`).join(''))).toBe(true)
  })
}, 120_000)

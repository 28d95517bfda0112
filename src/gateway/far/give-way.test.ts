import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Hop } from '#domain/admission.ts'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { dialFar } from './dial.ts'
import type { HostTerminal } from './host-terminal.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson } from './test-asks.ts'

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd()
}, 60_000)
afterAll(async () => {
  await sshd?.stop()
})

const target = () => ({ address: sshd.host, port: sshd.port, username: sshd.user })
const keys = () => [hostKeyFromLine(sshd.hostKeys.ed25519.publicKey)]
const hop = (): Hop => ({ asset: { id: 'as_hop', name: 'hop' }, target: target(), auth: { kind: 'password' }, hostKeys: keys(), mayDialLoopback: true })

async function opened(via: Hop[] = []): Promise<{ far: HostTerminal; bytes: () => number; type: (text: string) => void }> {
  const { far } = await dialFar({
    admission: admissionFor(target(), { hostKeys: keys(), via }),
    link: playLink({ password: sshd.password ?? '' }),
    prompter: playPerson(() => null),
    size: { cols: 80, rows: 24 },
    term: 'xterm',
    listeners: [],
    signal: new AbortController().signal,
  })
  let bytes = 0
  far.on = { output: (chunk) => void (bytes += chunk.length), room: () => undefined, closed: () => undefined }
  far.resume()
  return { far, bytes: () => bytes, type: (text) => void far.write(Buffer.from(text)) }
}
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

it.each(['directly', 'through another'])('reads a flood of a host reached %s slower while somebody else types, and not for who types in it', async (how) => {
  const flood = await opened(how === 'directly' ? [] : [hop()])
  const other = await opened()
  flood.type('stty raw -echo; cat /dev/zero\n')
  while (flood.bytes() < 4_000_000) await sleep(5)
  const bytesIn = async (ms: number, type: () => void) => {
    const [from, startedAt] = [flood.bytes(), performance.now()]
    while (performance.now() - startedAt < ms) {
      type()
      await sleep(50)
    }
    return { bytes: flood.bytes() - from, ms: performance.now() - startedAt }
  }
  await sleep(600)
  const own = await bytesIn(700, () => flood.type('x'))
  const beside = await bytesIn(700, () => other.type('x'))
  // 128 KiB each 10 ms, and the read that was under way.
  expect(beside.bytes).toBeLessThan((beside.ms / 10 + 2) * 128 * 1024)
  expect(own.bytes / own.ms).toBeGreaterThan(beside.bytes / beside.ms)
  flood.far.close()
  other.far.close()
})

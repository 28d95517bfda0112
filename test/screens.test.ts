// Screens from outside: those for seeking lie beside the recording, and are what a terminal shows that played it so far.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Emulator } from '#gateway/screens/emulator.ts'
import { stateOf } from '#gateway/screens/test-terminal-state.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, openTerminal, saveHost, shownBytes } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

type Keyframe = { offset: number; atMs: number; cols: number; rows: number; text: string }
async function screensOf(session: string): Promise<Keyframe[]> {
  const { status, text } = await api.request('GET', `/api/v1/sessions/${session}/recording/screens`)
  expect(status).toBe(200)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Keyframe)
}

it('are made while a session is recorded, and show what the recording shows', async () => {
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  const terminal = await openTerminal(product, api, host, { cols: 90, rows: 25 })
  const { session } = await terminal.waitForWelcome()
  terminal.send("PS1='$ '; stty -echo\n")
  terminal.send("for i in $(seq 1 12); do seq 1 4000 | sed 's/^/\\x1b[3'$((i % 8))'m行 /'; sleep 0.4; done; echo all-of\\ it\n")
  await terminal.waitFor('all-of it', 60_000)
  let screens: Keyframe[] = []
  await waitUntil('two screens for seeking', async () => (screens = await screensOf(session)).length >= 2, { withinMs: 30_000 })
  const output = shownBytes(await download(api, session, 'v3'))
  expect(screens.some(({ offset }) => offset <= output.length)).toBe(true)
  for (const { offset, cols, rows, text } of screens) {
    expect([cols, rows]).toEqual([90, 25])
    // What the last seconds showed may not be on the shelf yet.
    if (offset > output.length) continue
    const played = new Emulator({ cols, rows })
    played.write(output.subarray(0, offset))
    expect(stateOf(new Emulator({ cols, rows }, Buffer.from(text)))).toEqual(stateOf(played))
  }
  terminal.send('exit\n')
  await terminal.waitForEnded()
  const nobody = await product.api().request('GET', `/api/v1/sessions/${session}/recording/screens`)
  expect(nobody.status).toBe(401)
})

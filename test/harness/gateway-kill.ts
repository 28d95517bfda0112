// One round of the promise that a killed gateway loses nothing that was shown.
import { expect } from 'vitest'
import type { ApiClient } from './api-client.ts'
import type { Product } from './product.ts'
import { download, openTerminal, type SavedHost, type SessionRow, shownBytes } from './saved-host.ts'
import { waitUntil } from './wait.ts'

/** Floods a terminal, kills every gateway with -9 at a random moment, and compares the recording with what the client was shown. */
export async function killGatewaysInMidFlood(product: Product, api: ApiClient, host: SavedHost): Promise<{ shown: number; recorded: number }> {
  const terminal = await openTerminal(product, api, host)
  const welcome = await terminal.waitForWelcome()
  terminal.send("PS1=''; stty -echo; while :; do seq 1 100000; done\n")
  const enough = 100_000 + Math.floor(Math.random() * 3_000_000)
  await waitUntil('the flood', () => terminal.received > enough, { everyMs: 1, withinMs: 30_000 })
  const before = product.gatewayPids()
  for (const pid of before) process.kill(pid, 'SIGKILL')
  await terminal.waitForClose()
  const shown = terminal.bytes
  const row = await waitUntil(
    'the restarted gateway to seal the recording',
    async () => {
      // Until a gateway is back nobody answers at all.
      const answer = await api.request('GET', `/api/v1/sessions/${welcome.session}`).catch(() => undefined)
      if (answer?.status !== 200) return undefined
      const session = answer.json as SessionRow
      return session.state === 'ended' && session.recording?.state !== 'writing' ? session : undefined
    },
    { withinMs: 40_000, everyMs: 100 },
  )
  expect(row.endReason).toBe('gateway_lost')
  const recorded = shownBytes(await download(api, welcome.session, 'v3'))
  expect(recorded.length).toBeGreaterThanOrEqual(shown.length)
  expect(recorded.subarray(0, shown.length).equals(shown)).toBe(true)
  return { shown: shown.length, recorded: recorded.length }
}

/** Every gateway is back and linked. Eight connections, since the kernel spreads them over the gateways. */
export function gatewaysAreBack(product: Product, api: ApiClient): Promise<true> {
  return waitUntil(
    'the gateways to be back',
    async () => {
      if (product.gatewayPids().length !== 2) return false
      const answers = await Promise.all(Array.from({ length: 8 }, () => api.request('GET', '/readyz').catch(() => undefined)))
      return answers.every((answer) => answer?.status === 200)
    },
    { withinMs: 30_000, everyMs: 100 },
  )
}

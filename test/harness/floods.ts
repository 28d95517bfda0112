// Many terminals that print or are read as badly as can be, and what others feel of it.
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import type { ApiClient } from './api-client.ts'
import { lookInside } from './inside.ts'
import type { Product } from './product.ts'
import { openTerminal, type SavedHost } from './saved-host.ts'
import type { TerminalClient } from './terminal-client.ts'
import { waitUntil } from './wait.ts'

export async function startFloods(product: Product, api: ApiClient, host: SavedHost, count: number): Promise<{ stop: () => Promise<void> }> {
  const tickets: string[] = []
  for (let number = 0; number < count; number += 1)
    tickets.push((await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })).ticket)
  const script = path.join(import.meta.dirname, 'flooding-people.ts')
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', script, JSON.stringify({ url: product.url, tickets })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout?.on('data', (text: Buffer) => (said += text.toString('utf8')))
  child.stderr?.on('data', (text: Buffer) => (said += text.toString('utf8')))
  const over = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const stop = async () => {
    child.kill('SIGKILL')
    await over
  }
  try {
    await waitUntil(
      'the floods',
      () => {
        if (child.exitCode !== null) throw new Error(`those who were to be flooded went away: ${said.slice(-1000)}`)
        return said.includes('flooding')
      },
      { withinMs: 180_000 },
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

/** Milliseconds from a key to its echo, for each of `keys` keys. */
async function echoTimes(terminal: TerminalClient, keys: number): Promise<number[]> {
  const times: number[] = []
  for (let key = 0; key < keys; key += 1) {
    const seen = terminal.received
    const from = performance.now()
    terminal.send('x')
    await waitUntil('the echo', () => terminal.received > seen, { withinMs: 10_000, everyMs: 0 })
    times.push(performance.now() - from)
    // People do not type in step with anything.
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20))
  }
  return times
}

/** How late this machine wakes a process that only waits, while `during` runs: what a busy machine adds to every measurement. */
async function latenessWhile<Result>(during: Promise<Result>): Promise<{ result: Result; lateMs: number[] }> {
  let isOver = false
  const result = during.finally(() => (isOver = true))
  const lateMs: number[] = []
  while (!isOver) {
    const from = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 5))
    lateMs.push(performance.now() - from - 5)
  }
  return { result: await result, lateMs }
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN

/** Client, gateway and sshd wake for each key, and two of them again for its echo. */
const wakesPerKey = 5

/** The 99th percentile in ms of what a key takes, less what this machine makes processes wait: the best of three rounds, since others use it too. */
export async function slowestEchoes(terminal: TerminalClient, keys: number): Promise<number> {
  const rounds: number[] = []
  while (rounds.length < 3 && !rounds.some((ms) => ms < 50)) {
    const { result, lateMs } = await latenessWhile(echoTimes(terminal, keys))
    rounds.push(percentile(result, 0.99) - wakesPerKey * percentile(lateMs, 0.99))
  }
  return Math.min(...rounds)
}

/** Bytes that each of `count` terminals costs all gateways together when its person stops reading in the middle of 2 MB, and how many of the sessions are still there then. */
export async function costOfStalledReaders(product: Product, api: ApiClient, host: SavedHost, count: number): Promise<{ perReader: number; live: number }> {
  const rss = async () => (await lookInside(product)).filter(({ inside }) => inside !== 'control').reduce((sum, { rssBytes }) => sum + rssBytes, 0)
  const open = async () => {
    const terminal = await openTerminal(product, api, host)
    await terminal.waitForWelcome(60_000)
    return terminal
  }
  // Code and pools of the first one are nobody's cost.
  const terminals: TerminalClient[] = [await open()]
  const before = await rss()
  while (terminals.length <= count) {
    const terminal = await open()
    terminals.push(terminal)
    terminal.send('yes | head -c 2000000\n')
    await waitUntil('the flood', () => terminal.received > 100_000, { withinMs: 60_000, everyMs: 5 })
    terminal.stall()
  }
  const perReader = ((await rss()) - before) / count
  const { total } = await api.call<{ total: number }>('GET', '/sessions?state=live&size=1')
  for (const terminal of terminals) {
    terminal.stall(false)
    terminal.close()
  }
  return { perReader, live: total - 1 }
}

// Chromium with nobody listening. playwright has each WebSocket message told to it as text, which costs the page a third of what it does in a flood, and the machine as much again:
// so it opens the pages and leaves, and the rest is said by the DevTools protocol itself, with nothing switched on but the clock of the main thread.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { WebSocket } from 'ws'
import { chromiumCommand } from '../test/harness/browser.ts'
import { makeTempFolder } from '../test/harness/temp-folder.ts'
import { waitUntil } from '../test/harness/wait.ts'

const answerWithinMs = 90_000

export type OwnChromium = {
  /** playwright, until `leave`. */
  browser: Browser
  /** playwright goes; the pages stay. */
  leave(): Promise<void>
  /** A page whose address begins so. */
  page(url: string): Promise<BenchPage>
  stop(): Promise<void>
}

export async function startOwnChromium(): Promise<OwnChromium> {
  const folder = await makeTempFolder('bench-chromium')
  const { executablePath, args } = chromiumCommand()
  const child = spawn(
    executablePath,
    [...args, '--headless', '--window-size=1280,890', '--remote-debugging-port=0', `--user-data-dir=${folder.path}`, 'about:blank'],
    {
      stdio: 'ignore',
    },
  )
  const stop = () => ended(child).then(() => folder.remove())
  try {
    const port = await debuggingPort(path.join(folder.path, 'DevToolsActivePort'))
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
    return {
      browser,
      leave: () => browser.close(),
      async page(url) {
        const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { type: string; url: string; webSocketDebuggerUrl: string }[]
        const found = targets.find((target) => target.type === 'page' && target.url.startsWith(url))
        if (!found) throw new Error(`no page of Chromium is at ${url}`)
        return openBenchPage(found.webSocketDebuggerUrl)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function debuggingPort(file: string): Promise<number> {
  let port = Number.NaN
  const read = () => {
    try {
      port = Number(readFileSync(file, 'utf8').split('\n')[0])
    } catch {
      return false // not written yet
    }
    return port > 0
  }
  await waitUntil('Chromium to listen', read, { withinMs: 60_000 })
  return port
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

export class BenchPage {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  #asked = 0

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      const { id, result, error } = JSON.parse(data.toString()) as { id?: number; result?: unknown; error?: { message: string } }
      const waits = this.#waiting.get(id ?? -1)
      this.#waiting.delete(id ?? -1)
      if (error) waits?.reject(new Error(error.message))
      else waits?.resolve(result)
    })
    socket.on('close', () => this.#waiting.forEach(({ reject }) => reject(new Error('Chromium has gone'))))
  }

  send<Result>(method: string, params: Record<string, unknown> = {}): Promise<Result> {
    this.#asked += 1
    const id = this.#asked
    return new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} was not answered within ${answerWithinMs / 1000} s`)), answerWithinMs)
      const over =
        <Value>(go: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer)
          go(value)
        }
      this.#waiting.set(id, { resolve: over(resolve), reject: over(reject) })
      this.#socket.send(JSON.stringify({ id, method, params }))
    }) as Promise<Result>
  }

  /** Calls it in the page, which knows nothing of what stands around it here; what it resolves to comes back as JSON. */
  async evaluate<Input, Value>(call: (input: Input) => Value | Promise<Value>, input: Input): Promise<Value> {
    const expression = `(${call.toString()})(${JSON.stringify(input)})`
    const { result, exceptionDetails } = await this.send<Evaluated<Value>>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  async type(text: string): Promise<void> {
    await this.send('Input.insertText', { text })
  }

  async press(key: 'Enter' | 'Control+c'): Promise<void> {
    const event =
      key === 'Enter'
        ? { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' }
        : { key: 'c', code: 'KeyC', windowsVirtualKeyCode: 67, modifiers: 2 }
    await this.send('Input.dispatchKeyEvent', { type: 'text' in event ? 'keyDown' : 'rawKeyDown', ...event })
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }

  async bringToFront(): Promise<void> {
    await this.send('Page.bringToFront')
  }

  /** CPU seconds that the page's main thread has worked so far. */
  async threadSeconds(): Promise<number> {
    const { metrics } = await this.send<{ metrics: { name: string; value: number }[] }>('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  }

  close(): void {
    this.#socket.close()
  }
}

type Evaluated<Value> = { result: { value: Value }; exceptionDetails?: { text: string; exception?: { description?: string } } }

async function openBenchPage(url: string): Promise<BenchPage> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open')
  const page = new BenchPage(socket)
  await page.send('Performance.enable', { timeDomain: 'threadTicks' })
  return page
}

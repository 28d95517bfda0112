// Keeps children running: starts each, restarts a crashed one within limits, stops them in order. Parses nothing but their one status line, and knows nothing of what they do.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { cannotStartCode, type ChildStatus, maxStatusBytes, parseStatus } from './child-status.ts'

export type ChildPlan = {
  name: string
  /** Everything after the program: flags of Node, then the entry file. */
  args: readonly string[]
  /** Made anew for each start; goes through fd 3 as one line of JSON. */
  boot(): unknown
}
export type SupervisorEvents = {
  /** With each start that succeeded. */
  ready(name: string, status: ChildStatus): void
  crashed(name: string, how: string, restartInMs: number): void
  /** Too many starts that came to nothing, or it said that it cannot start: it is not started again; the caller stops the rest. */
  gaveUp(name: string, how: string): void
  /** A child has begun or ended. */
  changed?(): void
}
/** `crashes`: so many starts that never became ready, within the time, are let pass. */
export type RestartLimits = { crashes: number; withinMs: number; firstDelayMs: number; longestDelayMs: number }

const usualLimits: RestartLimits = { crashes: 5, withinMs: 60_000, firstDelayMs: 100, longestDelayMs: 2000 }
/** After SIGTERM a child has this long until SIGKILL; gateways need less for draining. */
const stopWithinMs = 12_000

type Child = {
  plan: ChildPlan
  process: ChildProcess | undefined
  exited: Promise<void>
  crashes: { at: number; wasReady: boolean }[]
  isReady: boolean
  wasReady: boolean
  timer?: NodeJS.Timeout
  later: string[]
}

export class Supervisor {
  readonly #events: SupervisorEvents
  readonly #limits: RestartLimits
  readonly #children = new Map<string, Child>()
  #isStopping = false

  constructor(events: SupervisorEvents, limits: RestartLimits = usualLimits) {
    this.#events = events
    this.#limits = limits
  }

  start(plan: ChildPlan): void {
    const child: Child = { plan, process: undefined, exited: Promise.resolve(), crashes: [], isReady: false, wasReady: false, later: [] }
    this.#children.set(plan.name, child)
    this.#spawn(child)
  }

  get pids(): number[] {
    return [...this.#children.values()].flatMap((child) => child.process?.pid ?? [])
  }

  pidOf(name: string): number | undefined {
    return this.#children.get(name)?.process?.pid
  }

  /** One more line through fd 3; a child that is starting gets it when it is ready. */
  tell(name: string, message: unknown): void {
    const child = this.#children.get(name)
    if (!child) return
    const line = `${JSON.stringify(message)}\n`
    if (child.isReady) pipeOf(child)?.write(line)
    else child.later = [line]
  }

  /** SIGTERM, then SIGKILL after 12 s; resolves when they are gone. They are not restarted. */
  async stop(names: readonly string[]): Promise<void> {
    this.#isStopping = true
    await Promise.all(
      names.map(async (name) => {
        const child = this.#children.get(name)
        clearTimeout(child?.timer)
        if (!child?.process) return
        const { process } = child
        process.kill('SIGTERM')
        const timer = setTimeout(() => process.kill('SIGKILL'), stopWithinMs)
        await child.exited
        clearTimeout(timer)
      }),
    )
  }

  killAll(): void {
    this.#isStopping = true
    for (const child of this.#children.values()) {
      clearTimeout(child.timer)
      child.process?.kill('SIGKILL')
    }
  }

  #spawn(child: Child): void {
    const { plan } = child
    const spawned = spawnChild(plan)
    child.process = spawned
    child.isReady = false
    child.exited = new Promise((resolve) => {
      spawned.once('exit', (code, signal) => {
        child.process = undefined
        resolve()
        this.#events.changed?.()
        if (this.#isStopping) return
        if (code === cannotStartCode && !child.wasReady) return this.#events.gaveUp(plan.name, 'cannot start')
        this.#crashed(child, signal ? `was killed by ${signal}` : `left with code ${code}`)
      })
      // Not even started: no exit follows.
      spawned.once('error', (error) => {
        if (spawned.pid !== undefined) return
        child.process = undefined
        resolve()
        if (!this.#isStopping) this.#crashed(child, `could not be started: ${error.message}`)
      })
    })
    readStatus(spawned.stdio[4] as Readable, (status) => {
      child.isReady = true
      child.wasReady = true
      for (const line of child.later.splice(0)) pipeOf(child)?.write(line)
      this.#events.ready(plan.name, status)
    })
    this.#events.changed?.()
  }

  /** One that people could use is always brought back, slower each time: a stranger who can make it crash must not be able to end the product. One that never gets so far is given up. */
  #crashed(child: Child, how: string): void {
    const now = performance.now()
    child.crashes = [...child.crashes.filter(({ at }) => now - at < this.#limits.withinMs), { at: now, wasReady: child.isReady }].slice(-50)
    if (child.crashes.filter(({ wasReady }) => !wasReady).length > this.#limits.crashes) return this.#events.gaveUp(child.plan.name, how)
    const delay = Math.min(this.#limits.longestDelayMs, this.#limits.firstDelayMs * 2 ** (child.crashes.length - 1))
    this.#events.crashed(child.plan.name, how, delay)
    child.timer = setTimeout(() => this.#spawn(child), delay)
  }
}

const pipeOf = (child: Child) => child.process?.stdio[3] as Writable | undefined

/** Starts one child of the running Node: nothing on stdin and stdout, its log on stderr, boot on fd 3 (which stays open: its end tells the child that we have died), status on fd 4. */
export function spawnChild(plan: ChildPlan): ChildProcess {
  const child = spawn(process.execPath, [...plan.args], { stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'], env: childEnvironment() })
  const boot = child.stdio[3] as Writable
  // A child that died early is told of by `exit`.
  boot.on('error', () => undefined)
  boot.write(`${JSON.stringify(plan.boot())}\n`)
  return child
}

/** Settings reach a child through its boot alone: a password in SALLYPORT_* stays out of what `ps e` shows of gateways. */
function childEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SALLYPORT_') && name !== 'NODE_OPTIONS'))
}

function readStatus(pipe: Readable, onStatus: (status: ChildStatus) => void): void {
  let held = ''
  pipe.setEncoding('utf8')
  pipe.on('error', () => undefined) // ends with the child
  pipe.on('data', (text: string) => {
    if (held.length > maxStatusBytes) return
    held += text
    const end = held.indexOf('\n')
    if (end < 0) return
    const status = parseStatus(held.slice(0, end))
    held = 'x'.repeat(maxStatusBytes + 1)
    if (status) onStatus(status)
  })
}

import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Measures this process between two beats: share of one core, resident bytes, 99th percentile of the event loop's delay in ms. */
export class LoadMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: 20 })
  #cpu = process.cpuUsage()
  #at = performance.now()

  constructor() {
    this.#delay.enable()
  }

  take(): { cpu: number; rssBytes: number; eventLoopDelayMs: number } {
    const used = process.cpuUsage(this.#cpu)
    const now = performance.now()
    const cpu = now > this.#at ? (used.user + used.system) / 1000 / (now - this.#at) : 0
    this.#cpu = process.cpuUsage()
    this.#at = now
    // The histogram counts the timer's own 20 ms as delay.
    const delay = Math.max(0, this.#delay.percentile(99) / 1e6 - 20)
    this.#delay.reset()
    return { cpu, rssBytes: process.memoryUsage.rss(), eventLoopDelayMs: Number.isFinite(delay) ? delay : 0 }
  }

  close(): void {
    this.#delay.disable()
  }
}

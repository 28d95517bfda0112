// How much of the machine screens may take: on the whole a quarter of a core, a little more at once for somebody who waits.
const share = 0.25
/** Saved up while nothing is to be done: a second of work for whoever asks then. */
const mostSavedMs = 1000
/** Following in the background leaves this much for them. */
const keptForDemandMs = 950

export class CpuBudget {
  readonly #cpuMs: () => number
  readonly #nowMs: () => number
  #savedMs = mostSavedMs
  #lastCpuMs: number
  #lastMs: number

  /** `cpuMs` is what this thread has used. */
  constructor(cpuMs: () => number, nowMs: () => number) {
    this.#cpuMs = cpuMs
    this.#nowMs = nowMs
    this.#lastCpuMs = cpuMs()
    this.#lastMs = nowMs()
  }

  /** 0 when work may be done now, else ms to wait. */
  waitMs(isDemanded: boolean): number {
    const [cpu, now] = [this.#cpuMs(), this.#nowMs()]
    this.#savedMs = Math.min(this.#savedMs + (now - this.#lastMs) * share - (cpu - this.#lastCpuMs), mostSavedMs)
    this.#lastCpuMs = cpu
    this.#lastMs = now
    const missing = (isDemanded ? 0 : keptForDemandMs) - this.#savedMs
    // A little more than what is missing, so that a wait is worth its wake.
    return missing < 0 ? 0 : Math.ceil((missing + 2) / share)
  }
}

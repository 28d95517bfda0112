// What holds at this moment: the values of the start, and over them those that an administrator has set. Asked in the middle of transactions, so the answer is at hand and never awaited.
import { isDeepStrictEqual } from 'node:util'
import type { Admission } from '#domain/admission.ts'
import type { SettingName, SettingsValues, SettingsView } from '#wire/api/settings.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import { readStored, settingNames, type StoredValues, writeStored } from './stored-values.ts'

/** How long another control on the same database may go without knowing of a change. */
export const readEveryMs = 2000

export type SettingsChange = { [Name in SettingName]?: SettingsValues[Name] | null | undefined }
export type LiveSettingsParts = {
  store: Store
  /** What flags, environment, file and defaults gave. */
  start: SettingsValues
  /** Which of them: `--idle-seconds`, `SALLYPORT_IDLE_SECONDS`, `idleSeconds in sallyport.yaml`; names that are missing have their default. */
  givenBy: Readonly<Record<string, string>>
  /** ms since the epoch */
  now(): number
  log(level: 'warn', event: string, facts: Record<string, unknown>): void
  /** After a change by anybody, here or in another control. */
  onChange(values: SettingsValues, before: SettingsValues): void
}

export class LiveSettings {
  readonly #parts: LiveSettingsParts
  #stored: StoredValues = {}
  #values: SettingsValues
  #reading: Promise<void> | undefined
  #again = false
  /** The first reading is no change. */
  #isOpen = false
  /** Said once for each value that cannot be read, not at every look. */
  #complained = new Map<SettingName, string>()

  private constructor(parts: LiveSettingsParts) {
    this.#parts = parts
    this.#values = parts.start
  }

  static async open(parts: LiveSettingsParts): Promise<LiveSettings> {
    const settings = new LiveSettings(parts)
    await settings.refresh()
    settings.#isOpen = true
    return settings
  }

  /** At hand, at most `readEveryMs` old where several controls share the database. */
  current(): SettingsValues {
    return this.#values
  }

  /** Reads the rows; whoever asks during a reading waits for one that begins afterwards. */
  refresh(): Promise<void> {
    if (this.#reading) this.#again = true
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  async view(): Promise<SettingsView> {
    await this.refresh()
    const { start, givenBy } = this.#parts
    return { values: this.#values, start, changed: Object.keys(this.#stored), givenBy: { ...givenBy } }
  }

  /** What is left out stays, null goes back to the start's value. One ledger row with what was and what is; none when nothing changes. */
  async change(change: SettingsChange, by: Actor): Promise<SettingsView> {
    const { store, start, now } = this.#parts
    await store.transaction(async (trx) => {
      const { values: stored, unreadable } = await readStored(trx)
      const [before, after]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}]
      for (const name of settingNames) {
        const next = change[name]
        if (next === undefined) continue
        const had = stored[name] ?? null
        if (isDeepStrictEqual(had, next) && !unreadable.has(name)) continue
        await writeStored(trx, name, next)
        before[name] = had ?? start[name]
        after[name] = next ?? start[name]
      }
      if (Object.keys(after).length > 0)
        await record(
          trx,
          { code: 'settings.changed', outcome: 'done', operator: by.operator.id, source: by.source, detail: { before, after }, before, after },
          now(),
        )
    })
    return await this.view()
  }

  async #read(): Promise<void> {
    do {
      this.#again = false
      const { values: stored, unreadable } = await readStored(this.#parts.store.db)
      for (const [name, value] of unreadable)
        if (this.#complained.get(name) !== value) this.#parts.log('warn', 'settings.unreadable', { name, instead: 'the value of the start' })
      this.#complained = unreadable
      this.#stored = stored
      const before = this.#values
      const values = { ...this.#parts.start, ...stored }
      if (isDeepStrictEqual(values, before)) continue
      this.#values = values
      if (this.#isOpen) this.#parts.onChange(values, before)
    } while (this.#again)
  }
}

/** What a session that is admitted now lives by. */
export function limitsOf({ idleSeconds, idleOn, maxSeconds, graceSeconds }: SettingsValues): Admission['limits'] {
  return { idleMs: idleSeconds * 1000, idleOn, graceMs: graceSeconds * 1000, ...(maxSeconds > 0 ? { maxMs: maxSeconds * 1000 } : {}) }
}

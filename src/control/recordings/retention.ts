// How long recordings are kept: by days and by bytes, the oldest first. What is still being written is never touched.
import { isFailure } from '#domain/failure.ts'
import { finishInterrupted, removeRecording, type RemoveParts } from './remove-recording.ts'

/** `limits` is read at each sweep. */
export type RetentionParts = RemoveParts & { limits: { readonly days?: number | undefined; readonly bytes?: number | undefined } }

const dayMs = 24 * 3_600_000
const kept = ['intact', 'incomplete', 'altered'] as const
/** Rows looked at in one go; the loop goes on until a go finds nothing. */
const batch = 200

/** One sweep at a time; asked for during one, another follows it. */
export class Retention {
  readonly #parts: RetentionParts
  #running: Promise<void> | undefined
  #again = false
  #stopped = false

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  /** Whether a recording that was just sealed may have passed the limit of bytes. */
  get countsBytes(): boolean {
    return this.#parts.limits.bytes !== undefined
  }

  sweep(): Promise<void> {
    if (this.#running) this.#again = true
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    // Its failure was told to whoever began the sweep.
    await this.#running?.catch(() => undefined)
  }

  async #run(): Promise<void> {
    do {
      this.#again = false
      await finishInterrupted(this.#parts)
      await this.#byDays()
      await this.#byBytes()
    } while (this.#again && !this.#stopped)
  }

  async #byDays(): Promise<void> {
    const { days } = this.#parts.limits
    if (days === undefined) return
    for (;;) {
      const rows = await this.#parts.store.db
        .selectFrom('sessions')
        .select('id')
        .where('recordingState', 'in', kept)
        .where('endedAt', '<', this.#parts.now() - days * dayMs)
        .orderBy('endedAt')
        .limit(batch)
        .execute()
      if (rows.length === 0) return
      for (const { id } of rows) if (!(await this.#remove(id, `older than ${days} days`))) return
    }
  }

  async #byBytes(): Promise<void> {
    const { bytes } = this.#parts.limits
    if (bytes === undefined) return
    const { store, shelf } = this.#parts
    for (;;) {
      if ((await shelf.totalBytes()) <= bytes) return
      const rows = await store.db
        .selectFrom('sessions')
        .select('id')
        .where('recordingState', 'in', kept)
        .orderBy('startedAt')
        .orderBy('id')
        .limit(batch)
        .execute()
      if (rows.length === 0) return
      for (const { id } of rows) {
        if ((await shelf.totalBytes()) <= bytes) return
        if (!(await this.#remove(id, `recordings passed ${bytes} bytes`))) return
      }
    }
  }

  /** False when the sweep is to stop. */
  async #remove(session: string, why: string): Promise<boolean> {
    if (this.#stopped) return false
    try {
      await removeRecording(this.#parts, session, { why })
    } catch (error) {
      // Someone else removed it meanwhile: that is what was wanted.
      if (!isFailure(error)) throw error
    }
    return true
  }
}

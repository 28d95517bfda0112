// Ledger rows about what ssh clients were refused, bounded: a scan of all ports through the door must not fill the ledger.
import type { AuditEvent } from '#domain/audit-event.ts'
import { recordAlone } from '../audit/ledger.ts'
import type { Store } from '../store/open-store.ts'

const windowMs = 60_000
/** Of one sign-in in a minute; what else was refused is counted in the next row. */
const rowsPerWindow = 30
/** Sign-ins that are remembered; the oldest is forgotten first. */
const maxRemembered = 10_000

type Window = { from: number; written: Set<string>; unwritten: number; last: AuditEvent }
export type RefusedParts = { store: Store; now(): number; log(level: 'error', event: string, facts: Record<string, unknown>): void }

export class RefusedRows {
  readonly #parts: RefusedParts
  readonly #windows = new Map<string, Window>()
  #last: Promise<void> = Promise.resolve()

  constructor(parts: RefusedParts) {
    this.#parts = parts
  }

  /** One row for each `what` of a sign-in in a minute, 30 in all. `unwritten` in the next row, or in one of its own when `flush` comes first, says how many were left out. Never rejects. */
  note(signIn: string, what: string, event: AuditEvent): Promise<void> {
    const now = this.#parts.now()
    const known = this.#windows.get(signIn)
    const holds = known !== undefined && now >= known.from && now - known.from < windowMs
    if (holds && (known.written.has(what) || known.written.size >= rowsPerWindow)) {
      known.unwritten += 1
      known.last = event
      return Promise.resolve()
    }
    const unwritten = known?.unwritten ?? 0
    const written = holds ? known.written.add(what) : new Set([what])
    this.#windows.delete(signIn)
    this.#windows.set(signIn, { from: holds ? known.from : now, written, unwritten: 0, last: event })
    this.#forgetOldest()
    return this.#write(unwritten === 0 ? event : { ...event, detail: { ...event.detail, unwritten } })
  }

  /** The same of what may have been noted already: then it is neither written nor counted once more. */
  noteAgain(signIn: string, what: string, event: AuditEvent): Promise<void> {
    return this.#windows.get(signIn)?.written.has(what) ? Promise.resolve() : this.note(signIn, what, event)
  }

  /** Writes what was left out in minutes that are over; to be called every minute or so. */
  flush(): Promise<void> {
    const now = this.#parts.now()
    for (const [signIn, window] of this.#windows) {
      if (now >= window.from && now - window.from < windowMs) continue
      this.#windows.delete(signIn)
      this.#sayUnwritten(window)
    }
    return this.#last
  }

  /** The same of all, also of minutes that are not over: when control stops. */
  finish(): Promise<void> {
    for (const window of this.#windows.values()) this.#sayUnwritten(window)
    this.#windows.clear()
    return this.#last
  }

  #forgetOldest(): void {
    const [oldest] = this.#windows
    if (this.#windows.size <= maxRemembered || oldest === undefined) return
    this.#windows.delete(oldest[0])
    this.#sayUnwritten(oldest[1])
  }

  #sayUnwritten({ unwritten, last }: Window): void {
    if (unwritten > 0) void this.#write({ ...last, detail: { ...last.detail, unwritten: unwritten - 1 } })
  }

  #write(event: AuditEvent): Promise<void> {
    const { store, now, log } = this.#parts
    this.#last = this.#last.then(async () => {
      try {
        await recordAlone(store, event, now())
      } catch (error) {
        log('error', 'ledger.failed', { error })
      }
    })
    return this.#last
  }
}

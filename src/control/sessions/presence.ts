// Who is at a live session now, as gateways said in their last beat. In memory alone: it changes by the second and is nobody's record.

/** `away`: nobody is attached. */
export type Attendance = { watchers: number; away: boolean }
type Beaten = { id: string; watchers?: number | undefined; away?: boolean | undefined }

const alone: Attendance = { watchers: 0, away: false }

export class Presence {
  /** By gateway, then by session; a session that is simply attached has no entry. */
  readonly #gateways = new Map<string, Map<string, Attendance>>()

  /** A gateway with very many sessions lists them in several beats. `open` are all of its own that are not ended: what it says of others is not kept, so live sessions bound this. */
  heard(gateway: string, listed: readonly Beaten[], open: readonly string[]): void {
    const told = this.#gateways.get(gateway) ?? new Map<string, Attendance>()
    for (const { id, watchers = 0, away = false } of listed)
      if (watchers > 0 || away) told.set(id, { watchers: Math.max(0, watchers), away })
      else told.delete(id)
    const living = new Set(open)
    for (const id of told.keys()) if (!living.has(id)) told.delete(id)
    if (told.size === 0) this.#gateways.delete(gateway)
    else this.#gateways.set(gateway, told)
  }

  of(gateway: string, session: string): Attendance {
    return this.#gateways.get(gateway)?.get(session) ?? alone
  }
}

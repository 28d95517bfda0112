// Who is at a live session now, as gateways said in their last beat. In memory alone: it changes by the second and is nobody's record.

/** `away`: nobody is attached. */
export type Attendance = { watchers: number; away: boolean }
type Beaten = { id: string; watchers?: number | undefined; away?: boolean | undefined }

const alone: Attendance = { watchers: 0, away: false }

export class Presence {
  /** By gateway, then by session; a session that is simply attached has no entry. */
  readonly #gateways = new Map<string, Map<string, Attendance>>()

  /** Replaces all that the gateway said before. `sessions` are those of its own that are open: what it lists beside them is not kept, so live sessions bound this. */
  heard(gateway: string, sessions: readonly Beaten[]): void {
    const told = new Map<string, Attendance>()
    for (const { id, watchers = 0, away = false } of sessions) if (watchers > 0 || away) told.set(id, { watchers: Math.max(0, watchers), away })
    if (told.size === 0) this.#gateways.delete(gateway)
    else this.#gateways.set(gateway, told)
  }

  of(gateway: string, session: string): Attendance {
    return this.#gateways.get(gateway)?.get(session) ?? alone
  }
}

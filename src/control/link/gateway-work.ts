// Joins the link to the rooms that do what gateways ask: admission, credentials, host keys, reports, blocks.
import type { GatewayId } from '#domain/id.ts'
import type { ShelfBlock } from '#recording/shelf.ts'
import { shelfStateOf } from '#recording/shelf-state.ts'
import type { Ask, DoorSettings, Keyframe, Report } from '#wire/link.ts'
import { noteBeat, welcomeGateway } from '../gateways/gateway-rows.ts'
import { noteGrowth, type Blocks } from '../recordings/keep-block.ts'
import { readBlock } from '../recordings/read-block.ts'
import { takeSealed, type SealParts } from '../recordings/take-sealed.ts'
import type { AdmitParts } from '../sessions/begin-session.ts'
import { admitAtDoor } from '../sessions/admit-door.ts'
import { doorHosts } from '../sessions/door-hosts.ts'
import { hear } from '../sessions/heard.ts'
import { judgeOffered, trustOffered } from '../sessions/host-key-rules.ts'
import { judgeForward } from '../sessions/judge-forward.ts'
import { releaseFor, signFor, type LeaseParts } from '../sessions/leases.ts'
import { liveFileRules } from '../sessions/live-file-rules.ts'
import { leavesFor } from '../sessions/must-leave.ts'
import { refuseForeign } from '../sessions/own-session.ts'
import type { Presence } from '../sessions/presence.ts'
import { redeem } from '../sessions/redeem.ts'
import { RefusedRows } from '../sessions/refused-rows.ts'
import { takeActs } from '../sessions/take-acts.ts'
import { takeBegan, takeEnded } from '../sessions/take-report.ts'
import { wishesFor } from '../sessions/terminate.ts'
import { endWatchesOfProcess, takeWatchEnded } from '../sessions/watches.ts'
import type { Door } from '../sign-in/door.ts'
import { endDoorSignInsOf, signedOutAtDoor } from '../sign-in/door-rows.ts'
import type { Trx } from '../store/open-store.ts'
import type { Beaten, HelloVerdict, LinkWork, Standing } from './link-work.ts'

export type GatewayWorkParts = AdmitParts &
  LeaseParts &
  SealParts & {
    localSecret: string
    blocks: Blocks
    presence: Presence
    /** Who comes by ssh. */
    door: Door
    /** What doors are told besides what refuses sessions. */
    doorValues?: () => DoorSettings
    log: LinkWork['log']
  }

export class GatewayWork implements LinkWork {
  readonly localSecret: string
  readonly retryAfterMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const
  readonly #parts: GatewayWorkParts
  readonly #refusedRows: RefusedRows

  constructor(parts: GatewayWorkParts) {
    this.#parts = parts
    this.#refusedRows = new RefusedRows(parts)
    this.localSecret = parts.localSecret
  }

  hello(hello: Parameters<LinkWork['hello']>[0], vouched: boolean): Promise<HelloVerdict> {
    const { store, now } = this.#parts
    return store.transaction(async (trx): Promise<HelloVerdict> => {
      const welcomed = await welcomeGateway(trx, hello, vouched, now())
      if (welcomed.state !== 'accepted') return welcomed
      const sessions = hello.sessions.map((id) => ({ id }))
      const { strays } = await hear(trx, welcomed.gateway, sessions, now())
      if (welcomed.restarted) await endWatchesOfProcess(trx, welcomed.gateway, now())
      if (welcomed.restarted) await endDoorSignInsOf(trx, welcomed.gateway, now())
      return { state: 'accepted', gateway: welcomed.gateway, ...(await this.#standing(trx, welcomed.gateway, strays)) }
    })
  }

  /** One transaction for all that a beat says, however many sessions it lists. */
  async beat(gateway: GatewayId, beat: Parameters<LinkWork['beat']>[1]): Promise<Beaten> {
    const { store, blocks, presence, now } = this.#parts
    const growth = blocks.takeGrowth(gateway)
    try {
      const { open, beaten } = await store.transaction(async (trx) => {
        await noteBeat(trx, gateway, beat.load, now())
        const { open: known, strays, endsAt } = await hear(trx, gateway, beat.sessions, now())
        await noteGrowth(trx, growth)
        return { open: known, beaten: { ...(await this.#standing(trx, gateway, strays)), endsAt } }
      })
      presence.heard(gateway, beat.sessions, open)
      await this.#refusedRows.flush()
      return beaten
    } catch (error) {
      blocks.putBack(growth)
      throw error
    }
  }

  answer(gateway: GatewayId, ask: Ask): Promise<unknown> {
    switch (ask.ask) {
      case 'redeem':
        return redeem(this.#parts, gateway, ask)
      case 'sign':
        return signFor(this.#parts, gateway, ask)
      case 'release':
        return releaseFor(this.#parts, gateway, ask)
      case 'judge-host-key':
        return judgeOffered(this.#parts, gateway, ask)
      case 'trust-host-key':
        return trustOffered(this.#parts, gateway, ask)
      case 'shelf-state':
        return this.#shelfState(gateway, ask.session)
      case 'recording-block':
        return readBlock(this.#parts, gateway, ask)
      case 'file-rules':
        return liveFileRules(this.#parts, gateway, ask)
      case 'admit':
        return admitAtDoor(this.#parts, this.#refusedRows, gateway, ask)
      case 'forward':
        return judgeForward(this.#parts, this.#refusedRows, gateway, ask)
      case 'door-hosts':
        return doorHosts(this.#parts, gateway, ask)
      case 'door-keys':
        return this.#parts.door.keys.read(gateway)
      case 'key-offered':
        return this.#parts.door.signIn.offered(ask)
      case 'sign-in':
        return this.#parts.door.signIn.signIn(gateway, ask)
      case 'ask-approval':
        return this.#parts.door.approvals.ask(gateway, ask)
      case 'ask-enrollment':
        return this.#parts.door.approvals.askEnrollment(gateway, ask)
      case 'enrollment':
        return this.#parts.door.approvals.enrollment(gateway, ask)
    }
  }

  report(gateway: GatewayId, report: Report): Promise<void> {
    switch (report.report) {
      case 'began':
        return takeBegan(this.#parts, gateway, report, this.#parts.now())
      case 'ended':
        return takeEnded(this.#parts, gateway, report, this.#parts.now())
      case 'sealed':
        return takeSealed(this.#parts, gateway, report)
      case 'acts':
        return takeActs(this.#parts, this.#refusedRows, gateway, report, this.#parts.now())
      case 'watch-ended':
        return takeWatchEnded(this.#parts, gateway, report, this.#parts.now())
      case 'signed-out':
        return signedOutAtDoor(this.#parts.store, gateway, report.signIn, this.#parts.now())
    }
  }

  blocks(gateway: GatewayId, blocks: readonly ShelfBlock[]): Promise<void> {
    return this.#parts.blocks.keep(gateway, blocks)
  }

  keyframe(gateway: GatewayId, keyframe: Keyframe): Promise<void> {
    return this.#parts.blocks.keepScreen(gateway, keyframe)
  }

  /** Writes what was left out of the ledger in minutes that are over; `isLast`: in all. */
  sayRefused(isLast = false): Promise<void> {
    return isLast ? this.#refusedRows.finish() : this.#refusedRows.flush()
  }

  refused(gateway: GatewayId | undefined, why: string): void {
    this.log('warn', 'link.refused', { gateway, why })
    void this.#parts.refusals.note(gateway, why)
  }

  log: LinkWork['log'] = (level, event, facts) => this.#parts.log(level, event, facts)

  async #standing(trx: Trx, gateway: GatewayId, strays: readonly string[]): Promise<Standing> {
    return { mustEnd: await wishesFor(trx, gateway, strays), mustLeave: await leavesFor(trx, gateway), settings: this.settings() }
  }

  /** As they are now; told with each beat, and by `LiveLinks.tellSettings` when they change. */
  settings(): DoorSettings {
    const refusingSessions = this.#parts.refusing()
    return { ...this.#parts.doorValues?.(), ...(refusingSessions === undefined ? {} : { refusingSessions }) }
  }

  /** A session that control has never heard of (its database was put back from a backup) is no offence: the gateway then drops the journal's part. */
  async #shelfState(gateway: GatewayId, session: string): Promise<unknown> {
    const { store, shelf, refusals } = this.#parts
    const row = await store.db.selectFrom('sessions').select(['gatewayId', 'recordingState']).where('id', '=', session).executeTakeFirst()
    if (row && row.gatewayId !== gateway) throw await refuseForeign(refusals, gateway, 'shelf-state', session)
    const state = await shelfStateOf(shelf, session)
    if (!row) return { ...state, state: 'unknown' }
    return row.recordingState === 'expired' ? { ...state, state: 'sealed' } : state
  }
}

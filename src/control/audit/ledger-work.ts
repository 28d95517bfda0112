// What keeps the ledger by the clock: chaining, signing, taking heads outside, telling receivers.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '#domain/secret.ts'
import type { Chores } from '../chores.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/open-store.ts'
import type { LedgerKey } from '../vault/ledger-key.ts'
import { HeadsExport } from './export-heads.ts'
import { Forwarder, type Receiver } from './forwarder.ts'
import { type LedgerDesk, openLedgerDesk } from './ledger-desk.ts'
import { chainEveryMs, chainRows } from './sequencer.ts'
import { signEveryMs, signHead, thinHeads } from './sign-heads.ts'
import { syslogReceiver } from './syslog-receiver.ts'
import { webhookReceiver } from './webhook-receiver.ts'

/** Where the ledger is taken besides the database; the same as `LedgerOutside` in `main/boot.ts`, which this room may not import. `ca`: PEM. */
export type LedgerOutside = {
  headsFolder?: string | undefined
  syslog?: { host: string; port: number; tls: boolean } | undefined
  webhook?: { url: string; secret: string } | undefined
  ca?: string | undefined
}
export type LedgerWorkParts = { store: Store; ledgerKey: LedgerKey; dataFolder: string; outside: LedgerOutside; now(): number; log: Log }

const forwardEveryMs = 1000
const afterFailureMs = 5000
const thinEveryMs = 3_600_000

export class LedgerWork {
  readonly desk: LedgerDesk
  readonly #parts: LedgerWorkParts
  readonly #heads: HeadsExport | undefined
  readonly #forwarders: readonly Forwarder[]
  #chainNotBefore = 0

  constructor(parts: LedgerWorkParts) {
    const { store, ledgerKey, outside, now, log } = parts
    this.#parts = parts
    // What a verifier elsewhere is given: `--trust` reads it.
    writeFileSync(join(parts.dataFolder, 'keys', 'ledger.pub'), ledgerKey.publicPem, { mode: 0o644 })
    const receivers = receiversOf(outside, now)
    this.#heads = outside.headsFolder === undefined ? undefined : new HeadsExport({ store, folder: outside.headsFolder, now, log })
    this.#forwarders = receivers.map((receiver) => new Forwarder({ store, receiver, now, log }))
    this.desk = openLedgerDesk({ store, ledgerKey, sinks: [...(this.#heads ? ['heads'] : []), ...receivers.map(({ name }) => name)] })
  }

  start(chores: Pick<Chores, 'every'>): void {
    const { store, now } = this.#parts
    chores.every(chainEveryMs, 'chain', () => this.#chain())
    chores.every(signEveryMs, 'heads', () => this.#sign())
    chores.every(thinEveryMs, 'old heads', () => thinHeads(store, now()))
    for (const [index, forwarder] of this.#forwarders.entries()) chores.every(forwardEveryMs, `forwarding ${index + 1}`, () => forwarder.turn())
  }

  /** Breaks off what waits for receivers; to be called before chores are waited for. */
  stopForwarding(): void {
    for (const forwarder of this.#forwarders) forwarder.stop()
  }

  /** Chains and signs what is left, when nothing is written any more. A failure is logged: the next start goes on where this one ended. */
  async finish(): Promise<void> {
    try {
      await chainRows(this.#parts.store, () => this.#parts.now())
      await this.#sign()
    } catch (error) {
      this.#parts.log('error', 'audit.not_finished', { error })
    }
  }

  async #chain(): Promise<void> {
    if (performance.now() < this.#chainNotBefore) return
    try {
      await chainRows(this.#parts.store, () => this.#parts.now())
    } catch (error) {
      // A full disk is not hit, nor logged, four times a second.
      this.#chainNotBefore = performance.now() + afterFailureMs
      throw error
    }
  }

  async #sign(): Promise<void> {
    await signHead(this.#parts.store, this.#parts.ledgerKey, this.#parts.now())
    await this.#heads?.turn()
  }
}

function receiversOf({ syslog, webhook, ca }: LedgerOutside, now: () => number): Receiver[] {
  return [
    ...(syslog ? [syslogReceiver({ ...syslog, ca })] : []),
    ...(webhook ? [webhookReceiver({ url: webhook.url, secret: new Secret(webhook.secret), ca }, now)] : []),
  ]
}

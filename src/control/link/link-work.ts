// What a link asks of the rooms behind it. The link itself knows sockets and schemas, no rows and no rules.
import type { GatewayId } from '#domain/id.ts'
import type { ShelfBlock } from '#recording/shelf.ts'
import type { Ask, DoorSettings, EndsAt, FromGateway, Keyframe, MustEnd, MustLeave, Report } from '#wire/link.ts'

type Message<Type extends FromGateway['type']> = Extract<FromGateway, { type: Type }>
/** What a push says at once, and beats repeat. */
export type Wish = MustEnd | MustLeave | EndsAt
/** All that a gateway has not made true. */
export type Standing = { mustEnd: MustEnd[]; mustLeave: MustLeave[]; settings: DoorSettings }
/** The ends too that the beat said otherwise. */
export type Beaten = Standing & { endsAt: EndsAt[] }
export type HelloVerdict = ({ state: 'accepted'; gateway: GatewayId } & Standing) | { state: 'waiting' | 'rejected' | 'revoked' | 'unknown'; text: string }

export interface LinkWork {
  /** Hex, 32 bytes: vouches for gateways of this machine. */
  readonly localSecret: string
  /** Waits between the tries of a commit that fails by a fault of the world; after the last the link is cut. About 30 s in all, so that a full disk does not make links flap. */
  readonly retryAfterMs: readonly number[]
  /** The signature has been checked; `vouched` says whether the machine has. Inserts or updates the row and compares sessions. */
  hello(hello: Message<'hello'>, vouched: boolean): Promise<HelloVerdict>
  beat(gateway: GatewayId, beat: Message<'beat'>): Promise<Beaten>
  /** The body fits the schema of the ask. Throws `Failure`. */
  answer(gateway: GatewayId, ask: Ask): Promise<unknown>
  /** Resolves when committed; a report taken before changes nothing. Throws `Failure` when it is refused for good. */
  report(gateway: GatewayId, report: Report): Promise<void>
  /** Blocks of one session, at least one, in order. Resolves when they are durable on the shelf. Throws `Failure` when one is refused for good; then none was put. */
  blocks(gateway: GatewayId, blocks: readonly ShelfBlock[]): Promise<void>
  /** Keeps a screen for seeking, or drops it. Throws `Failure` for a session that is not the gateway's. */
  keyframe(gateway: GatewayId, keyframe: Keyframe): Promise<void>
  /** Writes `gateway.refused`, bounded: floods are counted, not written. Never throws. */
  refused(gateway: GatewayId | undefined, why: string): void
  log(level: 'info' | 'warn' | 'error', event: string, facts: Record<string, unknown>): void
}

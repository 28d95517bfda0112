// How a transfer ends, and the clock that both roles hold the other side to.
import type { Failure } from '#domain/failure.ts'

/** Told once; the object that tells it is then of no use. `rest`: what came behind the transfer, and is the terminal's. Lent like all that comes in. */
export type ZmodemEnd = { how: 'finished' | 'cancelled'; rest: Uint8Array } | { how: 'failed'; failure: Failure; rest: Uint8Array }

/** lrzsz waits as long before it says something again. */
export const resendMs = 10_000
/** One minute of silence in all. */
export const mostResends = 5
/** In a row without progress: a line that loses more than that carries nothing. */
export const mostErrors = 20

import { Failure } from '#domain/failure.ts'
import type { Call } from './call.ts'

/** Stands for a route whose rooms are being built in this issue. Throws `unauthenticated`, or `not_found`. */
export function toCome({ context: call }: { context: Call }): never {
  void call.me
  throw new Failure('not_found', 'This is not built yet.')
}

// Whether the last question to the product was answered at all: what pages show may be old while it was not.
import { asFailure } from '#client/failure-answer.ts'

let away = false
const listeners = new Set<() => void>()
function set(next: boolean): void {
  if (away === next) return
  away = next
  for (const listener of listeners) listener()
}

export const isAway = (): boolean => away
export function subscribeAway(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
export const heardAnswer = (): void => set(false)
/** A refusal is an answer; silence, and a gateway that has lost its control, are not. */
export function heardFailure(error: unknown): void {
  const { code } = asFailure(error)
  set(code === 'control_unreachable' || code === 'gateway_unavailable')
}

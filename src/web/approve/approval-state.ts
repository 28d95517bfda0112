import type { ApprovalView } from '#wire/api/door.ts'

/** What is told of it at a moment: one whose time has passed is over, also before the server was asked again. */
export const stateOf = ({ state, expiresAt }: Pick<ApprovalView, 'state' | 'expiresAt'>, nowMs: number): ApprovalView['state'] =>
  state === 'waiting' && Date.parse(expiresAt) <= nowMs ? 'over' : state

/** What was typed or pasted, without the gaps that a terminal shows between groups. Digits of full width are digits too. */
export const tidyNumber = (typed: string): string => typed.normalize('NFKC').replace(/\D/g, '').slice(0, 10)

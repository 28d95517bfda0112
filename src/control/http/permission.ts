// Asks `decide` for a request, and says what the answer is when it refuses: what one may not see is not there.
import { decide, isRefusal, type Permit } from '#domain/access.ts'
import type { Question, RoleAction } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import type { Call } from './call.ts'

/** Hosts are asked about with `decideNow`, which reads grants. */
type Asked = { action: RoleAction; owner?: NonNullable<Question['owner']> }

const answerOf = (call: Call, asked: Asked) => decide({ ...asked, operator: call.me.asker, door: 'web', source: call.source }, [], 0)

export const may = (call: Call, asked: Asked): boolean => !isRefusal(answerOf(call, asked))

/** Throws `otherwise`, or `forbidden` with the reason when there is nothing to hide. */
export function mustBePermitted(call: Call, asked: Asked, otherwise?: Failure): Permit {
  const answer = answerOf(call, asked)
  if (isRefusal(answer)) throw otherwise ?? new Failure('forbidden', `You may not do this: ${answer.because}.`)
  return answer
}

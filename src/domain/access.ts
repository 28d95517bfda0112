// May this operator do this? The only maker of a Permit. Deny last; one clause per permission; readable aloud to an auditor.
import type { AssetId, OperatorId } from './id.ts'
import type { Role } from './operator.ts'

export type Action = 'shell' | 'exec' | 'upload' | 'download' | 'forward' | 'quick-connect' | 'administer' | 'terminate' | 'replay' | 'watch'
export type Asker = { id: OperatorId; name: string; role: Role; enabled: boolean; mayWatch: boolean }
export type Question = { operator: Asker; action: Action; asset?: AssetId; account?: string; owner?: OperatorId; door: 'web' | 'ssh' | 'api'; source: string }

declare const permitBrand: unique symbol
/** Proof that `decide` said yes; carried by whatever acts on it. */
export type Permit = { readonly [permitBrand]: true; readonly question: Question; readonly because: string }
export type Refusal = { readonly refused: true; readonly because: string }

const permit = (question: Question, because: string): Permit => ({ question, because }) as Permit
const refuse = (because: string): Refusal => ({ refused: true, because })

/** Until grants exist there is one role that may do anything: administrator. */
export function decide(question: Question): Permit | Refusal {
  const { operator, action } = question
  if (!operator.enabled) return refuse('the operator is disabled')
  if (operator.role === 'admin' && (action === 'replay' || action === 'watch') && question.owner !== operator.id && !operator.mayWatch)
    return refuse('watching and replaying the sessions of other people needs mayWatch')
  if (operator.role === 'admin') return permit(question, 'the operator is an administrator')
  if (operator.role === 'auditor' && (action === 'replay' || action === 'watch')) return permit(question, 'auditors read every recording')
  if ((action === 'replay' || action === 'watch') && question.owner === operator.id) return permit(question, 'the session is the operator’s own')
  return refuse('no grant permits this')
}

export const isRefusal = (answer: Permit | Refusal): answer is Refusal => 'refused' in answer

// Is this the host that we know? Answered before anything is said about a person.
import { Failure } from '#domain/failure.ts'
import { judgeHostKey, type HostKey } from '#domain/host-key.ts'
import type { LeaseId } from '#domain/id.ts'
import type { AskLink, Prompter } from '../admission.ts'

export type IdentityQuestion = {
  offered: HostKey
  /** As the Admission brought them. */
  trusted: readonly HostKey[]
  lease: LeaseId
  address: string
  mayTrust: boolean
  link: Pick<AskLink, 'judgeHostKey' | 'trustHostKey'>
  prompter: Prompter
  signal: AbortSignal
}

const short = (keys: readonly HostKey[]) => keys.map(({ type, fingerprint }) => ({ type, fingerprint }))

/** `accepted`: only for this once, as the policy of the host says; the person is to be told. */
export type Known = 'trusted' | 'accepted'

/**
 * Returns when the key may be gone on with. Throws `Failure('host_key_changed')` with `detail` {offered, trusted: [{type, fingerprint}]}, `Failure('host_key_unknown')` with {offered},
 * and what the link or the prompter throw. A changed key is never accepted, whoever asks; an unknown one only from an administrator who was asked.
 */
export async function assertKnownHost(question: IdentityQuestion): Promise<Known> {
  const { offered, trusted, link, lease, signal } = question
  const here = judgeHostKey(offered, trusted)
  if (here === 'trusted') return 'trusted'
  // Keys may have been trusted since; control judges on present rows, by the policy of the host, and writes the ledger.
  const there = await link.judgeHostKey(lease, offered, signal)
  if (there.verdict === 'accepted') return 'accepted'
  if (there.verdict === 'trusted' || there.verdict === 'pinned') return 'trusted'
  if (there.verdict === 'changed' || here === 'changed') {
    const known = there.trusted.length > 0 ? there.trusted : trusted
    throw new Failure(
      'host_key_changed',
      `The host shows another key than the one that is trusted. Offered: ${offered.type} ${offered.fingerprint}. Trusted: ${known.map((key) => `${key.type} ${key.fingerprint}`).join(', ')}. No credential was used. Ask an administrator.`,
      { detail: { offered: { type: offered.type, fingerprint: offered.fingerprint }, trusted: short(known) } },
    )
  }
  const unknown = new Failure(
    'host_key_unknown',
    `The key of this host has not been trusted yet: ${offered.type} ${offered.fingerprint}. An administrator can scan and trust it.`,
    {
      detail: { offered: { type: offered.type, fingerprint: offered.fingerprint } },
    },
  )
  if (!question.mayTrust) throw unknown
  const answers = await question.prompter.ask({ kind: 'host-key', address: question.address, type: offered.type, fingerprint: offered.fingerprint }, signal)
  if (answers?.[0] !== 'yes') throw unknown
  await link.trustHostKey(lease, offered, signal)
  return 'trusted'
}

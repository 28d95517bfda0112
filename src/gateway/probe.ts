// Looking at a host for control, which has no SSH of its own: its keys, and whether an account's credential opens it.
import { Failure, isFailure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { CheckStep, Probe, ProbeAnswer } from '#wire/link.ts'
import type { AskLink, Prompter } from './admission.ts'
import { greet } from './far/dial.ts'
import { assertKnownHost } from './far/host-identity.ts'
import type { Listeners } from './far/reach.ts'
import { signIn } from './far/sign-in.ts'

export type ProbeContext = { link: AskLink; listeners: Listeners; signal: AbortSignal }

// One connection shows one key, so each type is asked for by itself.
const scannedTypes = [['ssh-ed25519'], ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'], ['ssh-rsa']] as const

/** Answers control. `scan` throws `Failure` when the host cannot be reached or shows no key; `check` answers with the step that failed. */
export async function answerProbe(probe: Probe, context: ProbeContext): Promise<ProbeAnswer> {
  return probe.probe === 'scan' ? { probe: 'scan', keys: await scan(probe, context) } : { probe: 'check', steps: await check(probe, context) }
}

/** Every host key that the host proves to hold, ed25519 first. Never signs in. */
export async function scan(probe: Extract<Probe, { probe: 'scan' }>, context: Omit<ProbeContext, 'link'>): Promise<HostKey[]> {
  const keys: HostKey[] = []
  let last: unknown
  for (const hostKeyTypes of scannedTypes) {
    try {
      const { transport, offered } = await greet(probe, { ...context, mayDialLoopback: probe.mayDialLoopback, hostKeyTypes, onlyHostKeyTypes: true })
      transport.close()
      keys.push(offered)
    } catch (cause) {
      // A host without a key of this type breaks off the key exchange; any other failure will be the same the next time.
      if (!isFailure(cause) || cause.code !== 'host_protocol_error') throw cause
      last = cause
    }
  }
  if (keys.length === 0) throw last ?? new Failure('host_protocol_error', 'The host shows no key.')
  return keys
}

const done = (step: CheckStep['step'], message: string): CheckStep => ({ step, ok: true, message })

function failure(step: CheckStep['step'], cause: unknown): CheckStep {
  if (!isFailure(cause)) throw cause
  return { step, ok: false, failure: cause.code, message: cause.message, ...(cause.detail ? { detail: { ...cause.detail } } : {}) }
}

// Nobody sits in front of a check.
const nobody: Prompter = { ask: () => Promise.reject(new Failure('auth_failed', 'The host asks questions that only a person at a terminal can answer.')) }

/** Reaches the host, compares its key, signs in; stops at the first step that fails. Opens no channel. */
export async function check(probe: Extract<Probe, { probe: 'check' }>, context: ProbeContext): Promise<CheckStep[]> {
  const { signal, listeners, link } = context
  let greeted: Awaited<ReturnType<typeof greet>>
  try {
    greeted = await greet(probe, { listeners, signal, mayDialLoopback: probe.mayDialLoopback, hostKeyTypes: probe.hostKeys.map((key) => key.type) })
  } catch (cause) {
    return [failure('reach', cause)]
  }
  const { transport, offered } = greeted
  const steps: CheckStep[] = [done('reach', 'The host answers as SSH.')]
  let step: CheckStep['step'] = 'key'
  try {
    await assertKnownHost({ offered, trusted: probe.hostKeys, lease: probe.lease, address: probe.address, mayTrust: false, link, prompter: nobody, signal })
    steps.push(done('key', `The host shows the trusted key ${offered.type} ${offered.fingerprint}.`))
    step = 'sign-in'
    if (probe.auth.kind === 'ask') steps.push(done('sign-in', 'The person is asked when they connect; there is no credential to check.'))
    else {
      await signIn(transport, { username: probe.username, address: probe.address, auth: probe.auth, lease: probe.lease, link, prompter: nobody, signal })
      steps.push(done('sign-in', `The host accepts the credential of ${probe.username}.`))
    }
  } catch (cause) {
    steps.push(failure(step, cause))
  } finally {
    transport.close()
  }
  return steps
}

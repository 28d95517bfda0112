// Looking at a host for control, which has no SSH of its own: its keys, whether an account's credential opens it, whether it answers at all.
import { Failure, isFailure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import { readIdentification } from '#ssh/identification.ts'
import type { CheckStep, Probe, ProbeAnswer, ReachLook } from '#wire/link.ts'
import type { AskLink, Prompter } from './admission.ts'
import { greet, ident } from './far/greet.ts'
import { assertKnownHost } from './far/host-identity.ts'
import type { Listeners } from './far/reach.ts'
import { signIn } from './far/sign-in.ts'
import { openWay, type Place, type Way } from './far/way.ts'

export type ProbeContext = { link: AskLink; listeners: Listeners; signal: AbortSignal }
type ProbeOf<Name extends Probe['probe']> = Extract<Probe, { probe: Name }>

// One connection shows one key, so each type is asked for by itself.
const scannedTypes = [['ssh-ed25519'], ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'], ['ssh-rsa']] as const
/** From the first packet to the line that says SSH; who needs longer is as good as away. */
const reachWithinMs = 5000
const looksAtOnce = 4

/** Answers control. `scan` throws `Failure` when the host cannot be reached or shows no key; `check` answers with the step that failed, `reach` with what became of each. */
export async function answerProbe(probe: Probe, context: ProbeContext): Promise<ProbeAnswer> {
  switch (probe.probe) {
    case 'scan':
      return { probe: 'scan', keys: await scan(probe, context) }
    case 'check':
      return { probe: 'check', steps: await check(probe, context) }
    case 'reach':
      return { probe: 'reach', looks: await look(probe, context) }
  }
}

const placeOf = (target: Omit<Place, 'name'>): Place => ({
  name: target.address,
  address: target.address,
  port: target.port,
  mayDialLoopback: target.mayDialLoopback,
})

/** Whoever is asked for on the way: nobody sits in front of a probe. */
const wayOf = (probe: Probe, to: string, { link, listeners, signal }: ProbeContext): Promise<Way> =>
  openWay({ via: probe.via ?? [], to, lease: probe.lease, link, prompter: nobody, listeners, signal })

/** Every host key that the host proves to hold, ed25519 first. Signs in to the hosts on the way alone. */
export async function scan(probe: ProbeOf<'scan'>, context: ProbeContext): Promise<HostKey[]> {
  const { signal } = context
  const keys: HostKey[] = []
  let last: unknown
  const way = await wayOf(probe, probe.address, context)
  try {
    for (const hostKeyTypes of scannedTypes) {
      try {
        const { transport, offered } = await greet(await way.line(placeOf(probe), signal), {
          hostKeyTypes,
          onlyHostKeyTypes: true,
          legacyUntil: probe.legacyUntil,
          signal,
        })
        transport.close()
        keys.push(offered)
      } catch (cause) {
        // A host without a key of this type breaks off the key exchange; any other failure will be the same the next time.
        if (!isFailure(cause) || (cause.code !== 'host_protocol_error' && cause.code !== 'host_algorithms_old')) throw cause
        last = cause
      }
    }
  } finally {
    way.close()
  }
  if (keys.length === 0) throw last ?? new Failure('host_protocol_error', 'The host shows no key.')
  return keys
}

const done = (step: CheckStep['step'], message: string): CheckStep => ({ step, ok: true, message })

function failure(step: CheckStep['step'], cause: unknown): CheckStep {
  if (!isFailure(cause)) throw cause
  return { step, ok: false, failure: cause.code, message: cause.message, ...(cause.detail ? { detail: { ...cause.detail } } : {}) }
}

const nobody: Prompter = { ask: () => Promise.reject(new Failure('auth_failed', 'The host asks questions that only a person at a terminal can answer.')) }

/** Reaches the host, compares its key, signs in; stops at the first step that fails. Opens no channel on it. What fails on the way is a failure to reach it. */
export async function check(probe: ProbeOf<'check'>, context: ProbeContext): Promise<CheckStep[]> {
  const { signal, link } = context
  const { lease, address } = probe
  let way: Way | undefined
  let greeted: Awaited<ReturnType<typeof greet>>
  try {
    way = await wayOf(probe, address, context)
    greeted = await greet(await way.line(placeOf(probe), signal), {
      hostKeyTypes: probe.hostKeys.map((key) => key.type),
      legacyUntil: probe.legacyUntil,
      signal,
    })
  } catch (cause) {
    way?.close()
    return [failure('reach', cause)]
  }
  const { transport, offered } = greeted
  const steps: CheckStep[] = [done('reach', 'The host answers as SSH.')]
  let step: CheckStep['step'] = 'key'
  try {
    const known = await assertKnownHost({ offered, trusted: probe.hostKeys, lease, address, mayTrust: false, link, prompter: nobody, signal })
    const what = known === 'accepted' ? 'a key that is accepted without being known' : 'the trusted key'
    steps.push(done('key', `The host shows ${what}: ${offered.type} ${offered.fingerprint}.`))
    step = 'sign-in'
    if (probe.auth.kind === 'ask') steps.push(done('sign-in', 'The person is asked when they connect; there is no credential to check.'))
    else {
      await signIn(transport, { username: probe.username, address, auth: probe.auth, lease, link, prompter: nobody, signal })
      steps.push(done('sign-in', `The host accepts the credential of ${probe.username}.`))
    }
  } catch (cause) {
    steps.push(failure(step, cause))
  } finally {
    transport.close()
    way.close()
  }
  return steps
}

/** What becomes of each target, within 5 s each, four at once. A way that cannot be gone is what became of all of them. */
export async function look(probe: ProbeOf<'reach'>, context: ProbeContext): Promise<ReachLook[]> {
  let way: Way
  try {
    way = await wayOf(
      probe,
      probe.targets
        .map((target) => target.address)
        .join(', ')
        .slice(0, 300),
      context,
    )
  } catch (cause) {
    return probe.targets.map(() => missed(cause))
  }
  try {
    const looks = Array.from<ReachLook>({ length: probe.targets.length })
    const waiting = probe.targets.entries()
    const worker = async () => {
      for (const [at, target] of waiting) looks[at] = await lookAt(way, placeOf(target), context.signal)
    }
    await Promise.all(Array.from({ length: looksAtOnce }, worker))
    return looks
  } finally {
    way.close()
  }
}

async function lookAt(way: Way, place: Place, signal: AbortSignal): Promise<ReachLook> {
  const limit = AbortSignal.timeout(reachWithinMs)
  const both = AbortSignal.any([signal, limit])
  const startedMs = performance.now()
  try {
    const line = await way.line(place, both)
    // It may break while nobody reads it any more.
    line.socket.on('error', () => undefined)
    // Whoever leaves without a name is an error in the log of an sshd.
    line.socket.write(Buffer.from(`SSH-2.0-${ident}\r\n`))
    try {
      await readIdentification(line, both)
      return { ok: true, rttMs: Math.round(performance.now() - startedMs) }
    } finally {
      line.socket.destroy()
    }
  } catch (cause) {
    if (limit.aborted && !signal.aborted) return { ok: false, failure: 'host_timeout', message: 'The host did not answer within 5 seconds.' }
    return missed(cause)
  }
}

function missed(cause: unknown): ReachLook {
  if (!isFailure(cause)) throw cause
  return { ok: false, failure: cause.code, message: cause.message }
}

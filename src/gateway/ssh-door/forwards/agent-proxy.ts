// What stands between a host and the operator's agent: it may list keys and ask for signatures, and nothing else. draft-miller-ssh-agent sections 3 and 4.
import type { SessionAct } from '#domain/session-act.ts'
import { fingerprintOf } from '#ssh/private-key.ts'
import { WireFault, WireReader } from '#ssh/wire-reader.ts'

type AgentAct = Extract<SessionAct, { act: 'agent' }>
export type AgentProxyListener = {
  /** Whole frames. */
  toAgent(frame: Buffer): void
  toHost(frame: Buffer): void
  used(act: Omit<AgentAct, 'at' | 'act'>): void
}

/** OpenSSH's own bound. */
export const maxAgentFrameBytes = 256 * 1024
const requestIdentities = 11
const signRequest = 13
const failureFrame = Buffer.of(0, 0, 0, 1, 5)
const successTypes = { [requestIdentities]: 12, [signRequest]: 14 } as const
// Nobody sends the next request before the answer; more than a few are an attack.
const maxUnanswered = 16
// A person's jump hosts and pulls sign a few times a minute.
const maxSignsPerMinute = 60
const minuteMs = 60_000

type Waiting = { answered: Buffer } | { request: 'list' | 'sign'; fingerprint?: string }

/** Reads both directions, cut anywhere. Throws `WireFault` when one breaks the protocol: the channel is closed then. */
export class AgentProxy {
  readonly #listener: AgentProxyListener
  readonly #nowMs: () => number
  readonly #fromHost = new Frames()
  readonly #fromAgent = new Frames()
  /** In the order of the host's requests; answers come in that order. */
  #waiting: Waiting[] = []
  #signs: number[] = []

  /** `nowMs`: a clock that does not go back. */
  constructor(listener: AgentProxyListener, nowMs: () => number) {
    this.#listener = listener
    this.#nowMs = nowMs
  }

  host(bytes: Uint8Array): void {
    for (const frame of this.#fromHost.read(bytes)) {
      if (this.#waiting.length >= maxUnanswered) throw new WireFault('the host asks the agent and waits for no answer')
      this.#asked(frame)
    }
  }

  agent(bytes: Uint8Array): void {
    for (const frame of this.#fromAgent.read(bytes)) {
      const [first] = this.#waiting
      if (!first || 'answered' in first) throw new WireFault('the agent answers what was not asked')
      this.#waiting.shift()
      const isFine = frame[4] === successTypes[first.request === 'list' ? requestIdentities : signRequest]
      const fingerprint = first.fingerprint === undefined ? {} : { fingerprint: first.fingerprint }
      this.#listener.used({ request: first.request, ...fingerprint, outcome: isFine ? 'done' : 'failed' })
      // Whatever else an agent says is no answer to these two.
      this.#listener.toHost(isFine ? frame : failureFrame)
      this.#flush()
    }
  }

  #asked(frame: Buffer): void {
    const type = frame[4]
    if (type === requestIdentities && frame.length === 5) return this.#pass(frame, { request: 'list' })
    if (type !== signRequest) return this.#refuse({ request: 'other', outcome: 'refused', failure: `an agent request of type ${type ?? 0} is not passed on` })
    const reader = new WireReader(frame.subarray(5))
    const fingerprint = fingerprintOf(reader.string())
    reader.string()
    reader.uint32()
    reader.end()
    const now = this.#nowMs()
    this.#signs = this.#signs.filter((at) => now - at < minuteMs)
    if (this.#signs.length >= maxSignsPerMinute)
      return this.#refuse({ request: 'sign', fingerprint, outcome: 'refused', failure: 'too many signatures in a minute' })
    this.#signs.push(now)
    this.#pass(frame, { request: 'sign', fingerprint })
  }

  #pass(frame: Buffer, waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#listener.toAgent(frame)
  }

  #refuse(used: Omit<AgentAct, 'at' | 'act'>): void {
    this.#listener.used(used)
    this.#waiting.push({ answered: failureFrame })
    this.#flush()
  }

  #flush(): void {
    for (let first = this.#waiting[0]; first && 'answered' in first; first = this.#waiting[0]) {
      this.#waiting.shift()
      this.#listener.toHost(first.answered)
    }
  }
}

/** uint32 length, then that much. */
class Frames {
  #held: Buffer = Buffer.alloc(0)

  read(bytes: Uint8Array): Buffer[] {
    let held = Buffer.concat([this.#held, bytes])
    const frames: Buffer[] = []
    while (held.length >= 4) {
      const length = held.readUInt32BE(0)
      if (length < 1 || length > maxAgentFrameBytes) throw new WireFault('an agent message of a length that none has')
      if (held.length < 4 + length) break
      frames.push(held.subarray(0, 4 + length))
      held = held.subarray(4 + length)
    }
    this.#held = Buffer.from(held)
    return frames
  }
}

// For tests: a passage between two scripted sides, with a tap that accepts when told and a clock that is moved by hand.
import type { SessionAct } from '#domain/session-act.ts'
import type { SessionKind } from '#domain/session-kind.ts'
import { Passage, type PassageParts } from './passage.ts'
import type { PassageExit, PassageFar, PassageNear } from './passage-ends.ts'
import type { SessionReport } from './session.ts'
import { HandClock, ScriptedTap } from './test-pair.ts'

/** Notes what it is told, in order. */
export class ScriptedSide implements PassageNear, PassageFar {
  said: string[] = []
  takes = true
  isPaused = true
  #isDestroyed = false
  write(bytes: Uint8Array, isStderr = false): boolean {
    if (this.#isDestroyed) return true
    this.said.push(`${isStderr ? 'err ' : ''}${Buffer.from(bytes).toString('latin1')}`)
    return this.takes
  }
  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
  }
  end(): void {
    this.said.push('<end>')
  }
  close(): void {
    this.said.push('<close>')
  }
  exit(exit: PassageExit): void {
    this.said.push(`<${Object.values(exit).join(' ')}>`)
  }
  signal(name: string): void {
    this.said.push(`<signal ${name}>`)
  }
  destroy(): void {
    this.#isDestroyed = true
    this.said.push('<destroy>')
  }
}

export function joinPassage(options: { kind?: SessionKind; outputBytes?: number; digests?: boolean } & Partial<PassageParts> = {}) {
  const { kind = 'exec', outputBytes = 1_000_000, digests = true, ...more } = options
  const [near, far, tap, clock] = [new ScriptedSide(), new ScriptedSide(), new ScriptedTap(), new HandClock()]
  const acts: SessionAct[] = []
  const sink = { add: (act: SessionAct) => void acts.push(act), isFull: false, onRoom: undefined as (() => void) | undefined }
  const reports: SessionReport[] = []
  const passage = new Passage({
    id: 'se_test',
    kind,
    near,
    ...(kind === 'exec' ? { tap, kept: { outputBytes, digests } } : {}),
    acts: sink,
    clock,
    startedMs: 0,
    limits: { idleMs: 600_000 },
    onEnded: (report) => reports.push(report),
    ...more,
  })
  return {
    passage,
    near,
    far,
    tap,
    clock,
    acts,
    sink,
    reports,
    recorded: () => Buffer.concat(tap.events.flatMap((event) => (event.kind === 'output' ? [event.bytes] : []))).toString('latin1'),
  }
}

// A program with a PTY for a native client: a session as the browser's is, recorded, watched, ended, limited, and taken over from a browser when the client is lost.
import type { Admission } from '#domain/admission.ts'
import { isFailure } from '#domain/failure.ts'
import type { NearControls } from '#session/near.ts'
import type { Channel } from '#ssh/channel.ts'
import { readWindow } from '#ssh/channel-wire.ts'
import { HostTerminal } from '../far/host-terminal.ts'
import type { HostConnections } from '../far/host-connections.ts'
import { openSession } from '../open-session.ts'
import { Acts } from '../acts.ts'
import { ChannelPrompter } from './channel-prompter.ts'
import type { DoorConnection } from './door-connection.ts'
import type { DoorWords } from './door-words.ts'
import type { DoorWork } from './door-work.ts'
import type { Run, SessionChannel } from './session-channel.ts'
import { SshNear } from './ssh-near.ts'

export type TerminalParts = {
  work: DoorWork
  channel: SessionChannel
  run: Exclude<Run, { kind: 'sftp' }>
  admission: Admission
  hosts: HostConnections
  words: DoorWords
  /** The agent was asked for, and may be forwarded. */
  lendAgent: DoorConnection['lendAgent'] | undefined
  /** The client left in order; otherwise its line is lost, and it may come back by a browser. */
  hasLeft: () => boolean
}

/** Contract part 5: a native client gone for so long ends its session. */
const mostGraceMs = 60_000

/** Resolves when the session has ended, or did not open; the client has been told. Throws nothing that is a `Failure`. */
export async function runTerminalSession(parts: TerminalParts): Promise<void> {
  const { work, channel, run, words } = parts
  const { limits } = parts.admission
  const admission = { ...parts.admission, limits: { ...limits, graceMs: Math.min(limits.graceMs ?? mostGraceMs, mostGraceMs) } }
  const { session: id } = admission
  const near = new SshNear(channel, words)
  const size = channel.size
  let ended = ''
  let terminal: HostTerminal | undefined
  let takeBack = () => {}
  const acts = new Acts((from, told) => work.report({ report: 'acts', session: id, from, acts: told }), work.clock)
  const tellDropped = () => {
    for (const { what, name, count } of channel.dropped) acts.add({ act: 'dropped', at: work.clock.wallMs(), what, name, count })
    acts.flush()
  }
  try {
    const { session, hostKey } = await openSession({
      ...work.opening,
      admission,
      near,
      prompter: new ChannelPrompter(channel, words),
      liveSessions: work.liveSessions,
      size,
      term: channel.term,
      clock: work.clock,
      signal: channel.gone,
      openFar: async (request) => {
        const { connection, release } = await parts.hosts.hold(request)
        const pty = channel.pty ?? { ...size, term: channel.term, widthPixels: 0, heightPixels: 0, modes: Buffer.of(0) }
        const command = run.kind === 'exec' ? run.command : undefined
        const prepare = (far: Channel) => (takeBack = parts.lendAgent?.(far, { host: connection, acts }) ?? takeBack)
        terminal = await HostTerminal.open(connection, { pty, command, env: channel.env, prepare }, request.signal, release)
        return { far: terminal, hostKey: connection.hostKey }
      },
      onEnded: ({ end, bytesIn, bytesOut }) => {
        ended = end.message
        takeBack()
        tellDropped()
        void work.report({ report: 'ended', session: id, end, bytesIn, bytesOut })
      },
    })
    void work.report({ report: 'began', session: id, at: work.clock.wallMs(), hostKey: hostKey.fingerprint })
    near.exitSignal = () => terminal?.exitSignal
    // What scripts run says nothing that the host did not say.
    if (run.kind === 'shell') near.notice('info', work.link.settings.recordingNotice ?? words.recorded)
    const controls = session.begin()
    near.controls = controls
    // It ended in the very turn in which its shell opened.
    if (session.end) near.ended(session.end)
    if (terminal) join(parts, near, controls, terminal)
    if (channel.size.cols !== size.cols || channel.size.rows !== size.rows) controls.resize(channel.size)
    await session.whenEnded
  } catch (cause) {
    if (!isFailure(cause)) throw cause
    channel.refuse(`[Sallyport] ${ended || cause.message}`)
  }
}

/** What the client says goes to the session. */
function join({ channel, hasLeft }: TerminalParts, near: SshNear, controls: NearControls, terminal: HostTerminal): void {
  let given = 0
  let taken = 0
  let endsAt: number | undefined
  let isBlocked = false
  let isGone = false
  const endWhenTaken = () => {
    if (endsAt !== undefined && taken >= endsAt) terminal.end()
  }
  const gone = () => {
    if (isGone) return
    isGone = true
    if (hasLeft()) controls.left()
    else controls.gone()
  }
  near.onTaken = (offset) => {
    taken = offset
    endWhenTaken()
  }
  const eof = () => {
    endsAt = given
    endWhenTaken()
  }
  controls.onRoom = () => {
    isBlocked = false
    channel.channel.resume()
  }
  channel.handOver({
    gather: {
      // What the host does not take at once waits in the session.
      makeRoom: (length) => new Uint8Array(length),
      data: (bytes) => {
        const offset = given
        given += bytes.length
        if (controls.input(offset, bytes)) return
        isBlocked = true
        channel.channel.pause()
      },
    },
    eof,
    room: () => near.room(),
    request: (type, value, reply) => {
      switch (type) {
        case 'window-change': {
          const window = readWindow(value)
          channel.resized(window)
          terminal.pixels = { widthPixels: window.widthPixels, heightPixels: window.heightPixels }
          if (window.cols > 0 && window.rows > 0) controls.resize(window)
          return
        }
        case 'signal':
          return terminal.signal(value)
        case 'break':
          return void terminal.sendBreak(Buffer.from(value)).then((isDone) => reply?.(isDone))
        default:
          channel.drop('request', type)
          reply?.(false)
      }
    },
    // What was typed before is still handed over, unless nobody takes it.
    hungUp: () => {
      if (isBlocked) gone()
    },
    closed: gone,
  })
  if (channel.hasEnded) eof()
  if (channel.gone.aborted) gone()
  else channel.channel.resume()
}

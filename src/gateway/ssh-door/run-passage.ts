// What runs without a terminal: a command, a copy, a shell that reads a script.
import { Acts } from '../acts.ts'
import type { Admitted, DoorConnection } from './door-connection.ts'
import { type PassageStart, openPassage } from './passage-session.ts'
import { ChannelPrompter } from './channel-prompter.ts'
import type { Run, SessionChannel } from './session-channel.ts'

/** Resolves when it has ended, or did not open; the client has been told. */
export async function runPassage(connection: DoorConnection, channel: SessionChannel, run: Run, admitted: Admitted): Promise<void> {
  const { work, words } = connection
  const { admission, kind, may, files, outputBytes, digests } = admitted
  const { session } = admission
  const acts = new Acts((from, told) => work.report({ report: 'acts', session, from, acts: told }), work.clock)
  for (const { what, name, count } of channel.dropped) acts.add({ act: 'dropped', at: work.clock.wallMs(), what, name, count })
  const start: PassageStart =
    run.kind === 'exec' ? { type: 'exec', command: run.command } : run.kind === 'sftp' ? { type: 'subsystem', name: 'sftp' } : { type: 'shell' }
  let release = () => {}
  let takeBack = () => {}
  const passage = await openPassage({
    session,
    title: `${admission.target.username}@${admission.asset.name}`,
    kind,
    may,
    files,
    outputBytes,
    digests,
    limits: admission.limits,
    start,
    env: channel.env,
    near: channel.channel,
    hasNearEnded: channel.hasEnded,
    openFar: async (signal) => {
      const { link, listeners } = work.opening
      const held = await connection.hosts.hold({ admission, link, listeners, prompter: new ChannelPrompter(channel, words), signal })
      release = held.release
      const far = await held.connection.session(signal)
      if (channel.wantsAgent && admitted.forwardAgent) takeBack = connection.lendAgent(far, { host: held.connection, acts })
      void work.report({ report: 'began', session, at: work.clock.wallMs(), hostKey: held.connection.hostKey.fingerprint })
      return far
    },
    acts,
    tapSource: work.opening.tapSource,
    liveSessions: work.liveSessions,
    clock: work.clock,
    log: work.opening.log,
    onEnded: ({ end, bytesIn, bytesOut }) => void work.report({ report: 'ended', session, end, bytesIn, bytesOut }),
  })
  await passage.whenEnded
  // Only now: it may have ended in the very turn in which the connection to the host was there.
  takeBack()
  release()
}

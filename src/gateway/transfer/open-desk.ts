// A browser's terminal on a host, with a place for `sz` and `rz` in it.
import type { HostKey } from '#domain/host-key.ts'
import type { SessionId } from '#domain/id.ts'
import type { TerminalWork } from '../browser-door/terminal-door.ts'
import { dialFar, type DialRequest } from '../far/dial.ts'
import { checkOnHost } from './check-on-host.ts'
import { TransferDesk } from './transfer-desk.ts'

/** Throws as `dialFar`. The session is to be given `desk.far`. */
export async function openDesk(session: SessionId, request: DialRequest, work: TerminalWork): Promise<{ desk: TransferDesk; hostKey: HostKey }> {
  const { far, hostKey, connection } = await dialFar(request)
  work.terminalConnections.add(session, connection)
  const desk: TransferDesk = new TransferDesk({
    session,
    far,
    link: work.link,
    clock: work.clock,
    report: work.report,
    carriesFiles: () => connection.channels.claimBulk(),
    verify: checkOnHost(connection, () => desk.folder),
  })
  return { desk, hostKey }
}

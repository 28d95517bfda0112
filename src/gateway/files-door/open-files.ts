// From a ticket to a files session: redeemed over the link, its host dialled, or the connection of the terminal beside it used where only the person knows how to sign in.
import { createHash } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import type { SessionId } from '#domain/id.ts'
import type { Clock } from '#session/clock.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import type { FilesOpened } from '#wire/files.ts'
import type { Redeemed, Report } from '#wire/link.ts'
import { Acts } from '../acts.ts'
import type { Admission, AskLink, Log, Prompter } from '../admission.ts'
import { HostConnection } from '../far/host-connection.ts'
import type { Listeners } from '../far/reach.ts'
import type { TerminalConnections } from '../far/terminal-connections.ts'
import { FilesSession } from '../files/files-session.ts'
import { HostFiles } from '../files/host-files.ts'
import type { Link } from '../link/link.ts'

export type OpenFilesWork = {
  link: Pick<Link, 'ask'>
  liveSessions: LiveSessions
  terminalConnections: Pick<TerminalConnections, 'of'>
  clock: Clock
  log: Log
  /** Hands a report to the link; resolves when control has it. Never throws. */
  report(body: Report, session: string): Promise<void>
  opening: { link: AskLink; listeners: Listeners }
}
/** `shown`: the cookie or token that came with the request. */
export type Asker = { source: string; shown: string }

/** Of one sign-in: a page has one for each host that it shows. */
const mostOfOneSignIn = 8
/** A host that lets in and then says nothing. */
const openWithinMs = 60_000

export const digestOf = (shown: string): Buffer => createHash('sha256').update(shown).digest()

/** Throws `Failure`: those of the redemption, of `HostConnection.dial` and `HostFiles.open`, `too_many_sessions`, `credential_missing` where a terminal must be open beside it. */
export async function openFiles(ticket: string, asker: Asker, work: OpenFilesWork): Promise<{ session: FilesSession; opened: FilesOpened }> {
  const { link, liveSessions } = work
  const owner = digestOf(asker.shown)
  if (liveSessions.isFull || countOf(owner, liveSessions) >= mostOfOneSignIn) throw tooMany()
  // A size means nothing here; the ask has one for all kinds of tickets.
  const size = { cols: 80, rows: 24, term: 'none' }
  const redeemed = await link.ask({ ask: 'redeem', ticket, source: asker.source, ...size, signIn: owner.toString('hex') })
  if (redeemed.kind !== 'files') throw new Failure('ticket_invalid', 'This ticket is for a terminal.')
  const session = begin(redeemed, owner, work)
  return { session, opened: await settle(session, redeemed, owner, work) }
}

const countOf = (owner: Buffer, liveSessions: LiveSessions) =>
  liveSessions.all().filter((each) => each instanceof FilesSession && !each.end && each.isOwnedBy(owner)).length
const tooMany = () => new Failure('too_many_sessions', 'Too many file panels are open. Close one, or wait two minutes after closing its page.')

type RedeemedFiles = Extract<Redeemed, { kind: 'files' }>

function begin({ admission, rules, way }: RedeemedFiles, owner: Buffer, { clock, report }: OpenFilesWork): FilesSession {
  const id = admission.session
  const acts = new Acts((from, told) => report({ report: 'acts', session: id, from, acts: told }, id), clock)
  return new FilesSession({
    id,
    owner,
    way,
    rules,
    limits: admission.limits,
    acts,
    clock,
    onEnded: ({ end, bytesIn, bytesOut }) => void report({ report: 'ended', session: id, end, bytesIn, bytesOut }, id),
  })
}

async function settle(session: FilesSession, { admission, beside, rules }: RedeemedFiles, owner: Buffer, work: OpenFilesWork): Promise<FilesOpened> {
  const { liveSessions, clock, log, report } = work
  const late = AbortSignal.timeout(openWithinMs)
  const signal = AbortSignal.any([session.signal, late])
  try {
    // Whatever goes wrong from here on is told as the session's end: control has written it down.
    if (!liveSessions.add(session)) throw new Failure('too_many_sessions', 'This gateway holds as many sessions as it can. Try again later.')
    // Others may have been let in while control was asked.
    if (countOf(owner, liveSessions) > mostOfOneSignIn) throw tooMany()
    const { connection, isOwn } = await connect(admission, beside, signal, work)
    const close = () => {
      if (isOwn) connection.close()
    }
    try {
      const files = await HostFiles.open(connection, signal)
      signal.throwIfAborted()
      const lost = () => session.lost(connection.gone.reason)
      connection.gone.addEventListener('abort', lost, { once: true })
      // The connection of a terminal lives on.
      void session.whenEnded.then(() => connection.gone.removeEventListener('abort', lost))
      session.begin({ files, close })
    } catch (cause) {
      close()
      throw cause
    }
    void report({ report: 'began', session: admission.session, at: clock.wallMs(), hostKey: connection.hostKey.fingerprint }, admission.session)
    log.info({ session: session.id, beside }, 'session of files opened')
    return { session: session.id, kind: 'sftp', home: session.files.home, rules: [...rules] }
  } catch (cause) {
    const failure = late.aborted ? new Failure('host_timeout', 'The host let nobody see its files in time.', { cause }) : cause
    session.abandon(failure)
    log.warn({ session: session.id, reason: session.end?.reason, failure: session.end?.failure }, 'session of files did not open')
    throw failure
  }
}

const openTerminalFirst = () =>
  new Failure('credential_missing', 'Only you know how to sign in to this account: open a terminal on it first, then the files beside it.')
const nobodyToAsk: Prompter = { ask: () => Promise.reject(openTerminalFirst()) }

async function connect(
  admission: Admission,
  beside: SessionId | undefined,
  signal: AbortSignal,
  { terminalConnections, opening }: OpenFilesWork,
): Promise<{ connection: HostConnection; isOwn: boolean }> {
  const asks = [admission, ...(admission.via ?? [])].some(({ auth }) => auth.kind === 'ask')
  if (!asks) return { connection: await HostConnection.dial({ ...opening, admission, prompter: nobodyToAsk, signal }), isOwn: true }
  const connection = beside && terminalConnections.of(beside)
  if (!connection || connection.isClosed) throw openTerminalFirst()
  return { connection, isOwn: false }
}

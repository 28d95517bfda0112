// May a connection of an ssh client go on to there? Asked for each, on present rows: a host of ours is spoken to by the door itself, everything else needs a grant that names it.
import { type Asker, isRefusal } from '#domain/access.ts'
import { isLoopback, judgeAddress, parseIp } from '#domain/address-rules.ts'
import { formatAddress } from '#domain/asset.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { type Destination, isOwnLoopback } from '#domain/forward-rule.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Ask } from '#wire/link.ts'
import { ownAddresses } from '../assets/allowed-address.ts'
import { decideNow } from '../access/grant-rows.ts'
import { viewerOf } from '../access/sight.ts'
import { seesAsset } from '../assets/seen-assets.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import type { AdmitParts } from './begin-session.ts'
import { doorAsker } from './door-asker.ts'
import { meantHosts } from './meant-hosts.ts'
import { ownSession } from './own-session.ts'
import { goalsOf } from './reach-session.ts'
import type { RefusedRows } from './refused-rows.ts'
import { whatOf } from './take-acts.ts'

type AskForward = Extract<Ask, { ask: 'forward' }>
export type ForwardAnswer = { state: 'intercept'; asset: string; name: string } | { state: 'permitted' }
type Asked = { ask: AskForward; gateway: GatewayId; operator: Asker; now: number }

/** Ports below are for the host's own services, and only its root may listen there. */
const firstFreePort = 1024

/** One answer to all that is not permitted, whether it is there or not. */
const refused = (why: string) => new Failure('forward_refused', 'Connections to there are not permitted.', { detail: { why } })

/** Throws `unauthenticated`, and `forward_refused` with a ledger row that names host and port, within bounds. */
export async function judgeForward(parts: AdmitParts, refusedRows: RefusedRows, gateway: GatewayId, ask: AskForward): Promise<ForwardAnswer> {
  const now = parts.now()
  const who: { operator?: Asker } = {}
  try {
    return await parts.store.transaction(async (trx) => {
      const operator = await doorAsker(trx, gateway, ask.signIn, now)
      who.operator = operator
      const asked = { ask, gateway, operator, now }
      return ask.way === 'remote' ? await judgeRemote(trx, asked) : await judgeLocal(parts, trx, asked)
    })
  } catch (error) {
    if (!who.operator || !isFailure(error) || error.code !== 'forward_refused') throw error
    const { way, destination, session, source, signIn } = ask
    const detail = { way, destination: formatAddress(destination.host, destination.port), why: error.detail?.['why'], gateway }
    await refusedRows.note(signIn, whatOf(way, destination), {
      ...{ code: 'forward.refused', outcome: 'refused', operator: who.operator.id, object: session, source, detail },
    })
    // Why is the ledger's business.
    throw new Failure('forward_refused', error.message)
  }
}

async function judgeLocal(parts: AdmitParts, trx: Trx, asked: Asked): Promise<ForwardAnswer> {
  const { session: id, destination } = asked.ask
  if (destination.port === 0) throw refused('port 0')
  const session = id === undefined ? undefined : await forwardingSession(trx, asked, id)
  // Of a session it is the host itself.
  const isOfHost = session !== undefined && isOwnLoopback(destination.host.toLowerCase())
  if (!isOfHost) {
    const hosts = (await meantHosts(trx, { destination })).filter((host) => isReachedFrom(host, session))
    const viewer = await viewerOf(trx, asked.operator, asked.now)
    for (const host of hosts) if (await seesAsset(trx, viewer, host.id)) return { state: 'intercept', asset: host.id, name: host.name }
    if (hosts.length > 0) throw refused('a host that they do not see')
  }
  if (session === undefined) throw refused('no session that forwards')
  refuseNever(parts, session, destination, isOfHost)
  await mustBePermitted(trx, asked, session, destination)
  return { state: 'permitted' }
}

/** A host that is reached through another stands in that one's network: the same address elsewhere is another machine. */
const isReachedFrom = ({ viaAssetId }: Row<'assets'>, session: Row<'sessions'> | undefined): boolean =>
  session === undefined || viaAssetId === null || viaAssetId === session.assetId

/** Only where the host's own programs reach it. */
async function judgeRemote(trx: Trx, asked: Asked): Promise<ForwardAnswer> {
  const { session: id, destination } = asked.ask
  const session = id === undefined ? undefined : await forwardingSession(trx, asked, id)
  if (session === undefined) throw refused('no session that forwards')
  if (!isOwnLoopback(destination.host.toLowerCase())) throw refused('not the loopback of the host')
  if (destination.port !== 0 && destination.port < firstFreePort) throw refused('a port below 1024')
  await mustBePermitted(trx, asked, session, undefined)
  return { state: 'permitted' }
}

async function forwardingSession(trx: Trx, { ask, gateway, operator }: Asked, id: string): Promise<Row<'sessions'>> {
  const row = await ownSession(trx, gateway, id)
  const isTheirs = row?.operatorId === operator.id && row.signInId === ask.signIn
  if (!row || !isTheirs || row.kind !== 'forward' || row.state === 'ended' || row.mustEnd !== null) throw refused('not a session that forwards')
  return row
}

async function mustBePermitted(trx: Trx, { ask, operator, now }: Asked, session: Row<'sessions'>, destination: Destination | undefined): Promise<void> {
  const goal = (await goalsOf(trx, [session]))(session)
  if (goal === undefined || goal.may === 'quick-connect') throw refused('the host or the account is gone')
  const { may: _may, ...where } = goal
  const question = { ...where, operator, action: 'forward', door: 'ssh', source: ask.source, ...(destination ? { destination } : {}) } as const
  const answer = await decideNow(trx, question, now)
  if (isRefusal(answer)) throw refused(answer.because)
}

/** Metadata services give out what the host may do; Sallyport's own listeners are no hosts. The loopback of the host is its own, unless it is this machine. */
function refuseNever({ listeners }: AdmitParts, session: Row<'sessions'>, { host, port }: Destination, isOfHost: boolean): void {
  const own = ownAddresses()
  const ip = parseIp(session.address)
  const isThisMachine = isOwnLoopback(session.address.toLowerCase()) || (ip !== undefined && isLoopback(ip)) || own.includes(session.address)
  const verdict = judgeAddress(host, port, { listeners: isOfHost && !isThisMachine ? [] : listeners, ownAddresses: own, mayDialLoopback: true })
  if (verdict !== 'allowed' && verdict !== 'not-an-address') throw refused(verdict)
}

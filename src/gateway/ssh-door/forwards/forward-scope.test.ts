import { expect, it } from 'vitest'
import { waitUntil } from '../../../../test/harness/wait.ts'
import { Failure } from '#domain/failure.ts'
import type { SessionAct } from '#domain/session-act.ts'
import { systemClock } from '#session/clock.ts'
import { LiveSessions } from '#session/live-sessions.ts'
import type { SessionReport } from '#session/session.ts'
import type { HostConnection } from '../../far/host-connection.ts'
import type { Held } from '../../far/host-connections.ts'
import { Acts } from '../../acts.ts'
import { ForwardScope, type ScopeRequest } from './forward-scope.ts'

const id = 'se_qqqqqqqqqqqqqqqqqqqqqqqqqq'
const forward: SessionAct = { act: 'forward', at: 1, way: 'local', host: 'x', port: 1, bytesIn: 0, bytesOut: 0, ms: 0, outcome: 'done' }

function stand() {
  const told: string[] = []
  const reports: SessionReport[] = []
  const lost = new AbortController()
  const liveSessions = new LiveSessions()
  let dialled: (held: Held) => void = () => undefined
  const held: Held = { connection: { gone: lost.signal } as HostConnection, release: () => void told.push('released') }
  const request: ScopeRequest = {
    admitted: { admission: { session: id, limits: { idleMs: 600_000 } } } as ScopeRequest['admitted'],
    acts: new Acts((_from, acts) => Promise.resolve(void told.push(...acts.map(({ act }) => act))), systemClock),
    clock: systemClock,
    liveSessions,
    connect: () => new Promise<Held>((resolve) => (dialled = resolve)),
    onEnded: (report) => {
      told.push('ended')
      reports.push(report)
    },
  }
  return { request, told, reports, lost, liveSessions, dial: () => dialled(held) }
}
const wish = { reason: 'revoked', by: 'Sallyport', text: 'The grant is gone.' } as const

it('ends everything it carries, tells what that did, and then its end', async () => {
  const { request, told, reports, liveSessions, dial } = stand()
  const begins = ForwardScope.begin(request)
  dial()
  const scope = await begins
  scope.hold({
    destroy: () => {
      told.push('destroyed')
      scope.acts.add(forward)
    },
  })
  liveSessions.get(id)?.terminate(wish)
  expect([scope.isOver, told]).toEqual([true, ['destroyed', 'forward', 'released', 'ended']])
  expect(reports).toMatchObject([{ end: { reason: 'revoked' } }])
})

it('that was ended while its host was dialled lets go of the host', async () => {
  const { request, told, reports, liveSessions, dial } = stand()
  const begins = ForwardScope.begin(request)
  liveSessions.get(id)?.terminate(wish)
  dial()
  await expect(begins).rejects.toMatchObject({ code: 'forward_refused', message: 'The grant is gone.' })
  expect([told, reports.length]).toEqual([['ended', 'released'], 1])
})

it('whose host is not reached ends with why', async () => {
  const { request, reports } = stand()
  await expect(ForwardScope.begin({ ...request, connect: () => Promise.reject(new Failure('host_unreachable', 'Nobody answers.')) })).rejects.toMatchObject({
    code: 'host_unreachable',
  })
  expect(reports).toMatchObject([{ end: { reason: 'host_unreachable', failure: 'host_unreachable' } }])
})

it.each([
  ['the client goes', (scope: ForwardScope) => scope.end(), 'owner_gone'],
  ['the host goes', (_scope: ForwardScope, lost: AbortController) => lost.abort(), 'host_lost'],
])('begins nothing new when %s, and ends when the last bytes are brought, or not in time', async (_what, act, reason) => {
  const { request, reports, lost, dial } = stand()
  const begins = ForwardScope.begin(request)
  dial()
  const scope = await begins
  const letGo = scope.hold({ destroy: () => undefined })
  act(scope, lost)
  expect([scope.isOver, reports.length]).toEqual([true, 0])
  letGo()
  await waitUntil('the end', () => reports.length === 1)
  expect(reports).toMatchObject([{ end: { reason } }])

  const slow = stand()
  const slowly = ForwardScope.begin(slow.request)
  slow.dial()
  const other = await slowly
  let isDestroyed = false
  other.hold({ destroy: () => void (isDestroyed = true) })
  other.end()
  await waitUntil('the end', () => isDestroyed && slow.reports.length === 1)
})

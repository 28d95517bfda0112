// Sessions as people see them: members their own, auditors and administrators all; who ends, replays and removes is decided each time.
import { Failure } from '#domain/failure.ts'
import { OperatorId } from '#domain/id.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import type { Call } from '../call.ts'
import type { SessionFacts, SessionsQuery } from '../desks.ts'
import type { ApiParts } from '../parts.ts'
import { may, mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

type AskedSessions = Omit<SessionsQuery, 'page' | 'size' | 'since' | 'until' | 'ownedBy'> & {
  mine?: boolean | undefined
  since?: string | undefined
  until?: string | undefined
}

/** Whoever may replay anybody's, or manages, sees that they exist. */
export const seesAll = (call: Call) => may(call, { action: 'administer' }) || may(call, { action: 'replay' })

/** The session, when the asker may see it. Throws `session_not_found`, alike for absent and forbidden. */
export async function visibleSession(parts: ApiParts, call: Call, id: string): Promise<SessionFacts> {
  const session = await parts.sessions.get(id)
  if (!session || (session.operatorId !== call.me.asker.id && !seesAll(call))) throw new Failure('session_not_found', 'There is no such session.')
  return session
}

/** The session, when its recording may be replayed. Throws `session_not_found`, and `forbidden` when it may be seen but not replayed. */
export async function replayableSession(parts: ApiParts, call: Call, id: string): Promise<SessionFacts> {
  const session = await visibleSession(parts, call, id)
  mustBePermitted(call, { action: 'replay', owner: OperatorId.parse(session.operatorId) })
  return session
}

/** What the API was asked, as the desk is asked: no more than the asker may see. */
export function narrowingFor(call: Call, { mine, since, until, ...query }: AskedSessions): Omit<SessionsQuery, 'page' | 'size'> {
  return {
    ...query,
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
    ownedBy: mine !== true && seesAll(call) ? undefined : call.me.asker.id,
  }
}

export function viewFor(call: Call, { operatorId, ...facts }: SessionFacts): SessionView {
  return { ...facts, mine: operatorId === call.me.asker.id }
}

export function sessionRoutes(routes: Routes['sessions'], parts: ApiParts) {
  return {
    list: routes.list.handler(async ({ input: { page: number, size, ...query }, context: call }) => {
      const page = await parts.sessions.list({ ...narrowingFor(call, query), page: number, size })
      return { ...page, items: page.items.map((session) => viewFor(call, session)) }
    }),
    get: routes.get.handler(async ({ input, context: call }) => viewFor(call, await visibleSession(parts, call, input.id))),
    watches: routes.watches.handler(async ({ input, context: call }) => {
      await visibleSession(parts, call, input.id)
      return { items: await parts.sessions.watches(input.id) }
    }),
    terminate: routes.terminate.handler(async ({ input, context: call }) => {
      const { operatorId } = await visibleSession(parts, call, input.id)
      mustBePermitted(call, { action: 'terminate', owner: OperatorId.parse(operatorId) })
      return viewFor(call, await parts.sessions.terminate(input.id, input.reason, call.actor))
    }),
    verify: routes.verify.handler(async ({ input, context: call }) => {
      await replayableSession(parts, call, input.id)
      return await parts.recordings.verify(input.id)
    }),
    removeRecording: routes.removeRecording.handler(async ({ input, context: call }) => {
      await visibleSession(parts, call, input.id)
      mustBePermitted(call, { action: 'administer' })
      await parts.recordings.remove(input.id, call.actor)
      return {}
    }),
  }
}

// What was run: everyone sees their own; whoever may replay anybody's sessions sees all.
import type { Call } from '../call.ts'
import { type CommandsQuery, commandsOfSession, listCommands } from '../../commands/list-commands.ts'
import type { ApiParts } from '../parts.ts'
import { may } from '../permission.ts'
import type { Routes } from '../router.ts'
import { replayableSession } from './sessions.ts'

type Asked = Omit<CommandsQuery, 'since' | 'until' | 'ownedBy'> & { since?: string | undefined; until?: string | undefined }

/** What the API was asked, narrowed to what the asker may see. */
export function commandsFor(call: Call, { since, until, ...query }: Asked): CommandsQuery {
  return {
    ...query,
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
    ownedBy: may(call, { action: 'replay' }) ? undefined : call.me.asker.id,
  }
}

export function commandRoutes(routes: Routes['commands'], parts: ApiParts) {
  return {
    list: routes.list.handler(({ input: { page, size, ...query }, context: call }) => listCommands(parts.store, { ...commandsFor(call, query), page, size })),
    ofSession: routes.ofSession.handler(async ({ input, context: call }) => {
      await replayableSession(parts, call, input.id)
      return await commandsOfSession(parts.store, input.id)
    }),
  }
}

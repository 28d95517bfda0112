// Rules about commands: administrators alone.
import { createRule, listRules, noRule, removeRule, replaceRule } from '../../commands/rule-rows.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

function administerOne(call: Call): void {
  mustBePermitted(call, { action: 'administer' }, noRule())
}

export function commandRuleRoutes(routes: Routes['commandRules'], parts: ApiParts) {
  return {
    list: routes.list.handler(async ({ context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return { items: await listRules(parts.store.db) }
    }),
    create: routes.create.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await createRule(parts, input, call.actor)
    }),
    replace: routes.replace.handler(async ({ input: { id, ...rule }, context: call }) => {
      administerOne(call)
      return await replaceRule(parts, id, rule, call.actor)
    }),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      administerOne(call)
      await removeRule(parts, input.id, call.actor)
      return {}
    }),
  }
}

// The contract and what answers it, side by side: one line per resource.
import { implement } from '@orpc/server'
import { contract } from '#wire/api.ts'
import type { Call } from './call.ts'
import type { ApiParts } from './parts.ts'
import { operatorRoutes } from './routes/operators.ts'
import { groupRoutes } from './routes/groups.ts'
import { grantRoutes } from './routes/grants.ts'
import { accessRoutes } from './routes/access.ts'
import { secondFactorRoutes } from './routes/second-factor.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { transferRoutes } from './routes/transfers.ts'
import { auditRoutes } from './routes/audit.ts'
import { commandRoutes } from './routes/commands.ts'
import { commandRuleRoutes } from './routes/command-rules.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { doorRoutes } from './routes/door.ts'
import { operatorKeyRoutes } from './routes/operator-keys.ts'
import { accountRoutes } from './routes/account.ts'
import { assetRoutes, checkRoutes } from './routes/assets.ts'
import { credentialRoutes } from './routes/credentials.ts'
import { gatewayRoutes, diskRoutes } from './routes/gateways.ts'
import { keyChangeRoutes } from './routes/host-keys.ts'
import { searchRoute } from './routes/search.ts'
import { sessionActRoutes } from './routes/session-acts.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { settingsRoutes } from './routes/settings.ts'
import { claimRoutes, signInRoutes } from './routes/sign-in.ts'
import { ticketRoutes } from './routes/tickets.ts'

export const routesOf = () => implement(contract).$context<Call>()
export type Routes = ReturnType<typeof routesOf>

export function buildRouter(parts: ApiParts) {
  const routes = routesOf()
  return routes.router({
    claim: claimRoutes(routes.claim, parts),
    ...signInRoutes(routes, parts),
    assets: assetRoutes(routes.assets, parts),
    checks: checkRoutes(routes.checks, parts),
    account: accountRoutes(routes.account, parts),
    operators: operatorRoutes(routes.operators, parts),
    groups: groupRoutes(routes.groups, parts),
    grants: grantRoutes(routes.grants, parts),
    access: accessRoutes(routes.access, parts),
    secondFactor: secondFactorRoutes(routes.secondFactor, parts),
    tokens: tokenRoutes(routes.tokens, parts),
    operatorKeys: operatorKeyRoutes(routes.operatorKeys, parts),
    approvals: approvalRoutes(routes.approvals, parts),
    door: doorRoutes(routes.door, parts),
    audit: auditRoutes(routes.audit, parts),
    commands: commandRoutes(routes.commands, parts),
    commandRules: commandRuleRoutes(routes.commandRules, parts),
    keyChanges: keyChangeRoutes(routes.keyChanges, parts),
    credentials: credentialRoutes(routes.credentials, parts),
    settings: settingsRoutes(routes.settings, parts),
    ...searchRoute(routes, parts),
    tickets: ticketRoutes(routes.tickets, parts),
    sessions: sessionRoutes(routes.sessions, parts),
    sessionActs: sessionActRoutes(routes.sessionActs, parts),
    transfers: transferRoutes(routes.transfers, parts),
    gateways: gatewayRoutes(routes.gateways, parts),
    disk: diskRoutes(routes.disk, parts),
  })
}

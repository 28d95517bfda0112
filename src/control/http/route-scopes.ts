// What an API token must have to ask each route: one scope each. What is not named here is not served at all.
import type { TokenScope } from '#wire/api/second-factor.ts'

/** `person`: for whoever is signed in, and for no token. Whoever finds a token must not be able to make themselves at home with it. */
export type RouteScope = TokenScope | 'person'

const scoped: Readonly<Record<RouteScope, readonly string[]>> = {
  read: [
    ...['claim.state', 'me', 'account.signIns'],
    ...['assets.list', 'assets.get', 'assets.tags', 'sessions.list', 'sessions.get', 'sessions.watches', 'sessions.verify', 'search'],
    ...['operators.list', 'operators.get', 'groups.list', 'groups.get', 'grants.list', 'grants.get', 'access.explain'],
    ...['audit.list', 'audit.verify', 'commands.list', 'commands.ofSession', 'commandRules.list'],
    ...['sessionActs.transfers', 'sessionActs.forwards', 'transfers.list'],
    ...['operatorKeys.list', 'operatorKeys.listOf', 'door.get', 'door.sshConfig'],
    ...['keyChanges.list', 'credentials.list', 'credentials.get', 'settings.get', 'gateways.list', 'disk.get'],
  ],
  connect: ['tickets.create'],
  manage: [
    ...['account.rename', 'assets.setFavourite', 'assets.unsetFavourite'],
    ...['assets.create', 'assets.update', 'assets.remove', 'assets.changeMany', 'assets.removeMany', 'assets.importMany', 'assets.addAccount'],
    ...['assets.updateAccount', 'assets.removeAccount', 'assets.scanHostKeys', 'assets.trustHostKeys', 'assets.check', 'assets.reach'],
    ...['checks.scan', 'checks.run', 'keyChanges.decide', 'credentials.create', 'credentials.update', 'credentials.remove'],
    ...['sessions.terminate', 'sessions.removeRecording', 'settings.change'],
    ...['operators.create', 'operators.update', 'operators.remove', 'operators.setPassword', 'operators.endSessions', 'operators.removeSecondFactor'],
    ...['groups.create', 'groups.update', 'groups.remove', 'grants.create', 'grants.replace', 'grants.remove'],
    ...['operatorKeys.removeOf', 'commandRules.create', 'commandRules.replace', 'commandRules.remove'],
  ],
  person: [
    ...['claim.make', 'signIn', 'signOut', 'account.changePassword', 'account.endSignIn', 'account.endOtherSignIns'],
    ...['secondFactor.get', 'secondFactor.begin', 'secondFactor.confirm', 'secondFactor.remove', 'secondFactor.renewCodes'],
    ...['tokens.list', 'tokens.create', 'tokens.remove'],
    ...['operatorKeys.add', 'operatorKeys.remove', 'approvals.get', 'approvals.approve', 'approvals.decline'],
  ],
}

/** By the name of the route in the contract. */
export const routeScopes: Readonly<Record<string, RouteScope>> = Object.fromEntries(
  (['read', 'connect', 'manage', 'person'] as const).flatMap((scope) => scoped[scope].map((name) => [name, scope] as const)),
)

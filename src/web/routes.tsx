// The pages and what their addresses may carry. An address that carries something else opens without it.
import { Navigate, createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { AuditSearch } from './audit/audit-search.ts'
import { readAuditSearch } from './audit/audit-search.ts'
import type { CommandsSearch } from './commands/commands-search.ts'
import { readCommandsSearch } from './commands/commands-search.ts'
import { Frame } from './frame/frame.tsx'
import { LostPage, BrokenPage } from './frame/lost-page.tsx'
import { readGrantsSearch, readGroupsSearch, readOperatorsSearch, readWhoMaySearch } from './grants/access-search.ts'
import { HostsPage } from './hosts/hosts-page.tsx'
import type { HostsSearch } from './hosts/hosts-search.ts'
import { readHostsSearch } from './hosts/hosts-search.ts'
import { parseSearch, readListSearch, stringifySearch } from './parts/list-search.ts'
import type { ListSearch } from './parts/list-search.ts'
import type { RecordingsSearch, SessionsSearch } from './sessions/sessions-search.ts'
import { readRecordingsSearch, readSessionsSearch } from './sessions/sessions-search.ts'
import { SignInPage } from './sign-in/sign-in-page.tsx'
import { readTransfersSearch, type TransfersSearch } from './transfers/transfers-search.ts'
import { withLaterWords } from './words/words.ts'

export const credentialSorts = ['name', 'username', 'createdAt', 'rotatedAt', 'hosts'] as const

const text = (value: unknown, most = 60): string | undefined => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined)
const with_ = <Key extends string>(key: Key, value: string | undefined) => (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string }

/** `edit` is the id of the credential whose form is open, or `new`; `rotate` of the one whose secret is being replaced. */
export type CredentialsSearch = ListSearch & { edit?: string; rotate?: string }
export type TerminalsSearch = { tab?: string }
export type SignInSearch = { next?: string; left?: string }

const rootRoute = createRootRoute({ notFoundComponent: LostPage, errorComponent: BrokenPage })
const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): SignInSearch => ({ ...with_('next', text(search['next'], 2000)), ...with_('left', text(search['left'])) }),
  component: SignInPage,
})
const claimRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/claim',
  component: lazyRouteComponent(() => import('./sign-in/claim-page.tsx'), 'ClaimPage'),
})
const frameRoute = createRoute({ getParentRoute: () => rootRoute, id: 'frame', component: Frame })
const indexRoute = createRoute({ getParentRoute: () => frameRoute, path: '/', component: () => <Navigate to="/hosts" replace /> })
const hostsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/hosts',
  validateSearch: (search: Record<string, unknown>): HostsSearch => readHostsSearch(search),
  component: HostsPage,
})
const credentialsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/credentials',
  validateSearch: (search: Record<string, unknown>): CredentialsSearch => ({
    ...readListSearch(search, credentialSorts),
    ...with_('edit', text(search['edit'])),
    ...with_('rotate', text(search['rotate'])),
  }),
  component: lazyRouteComponent(() => import('./credentials/credentials-page.tsx'), 'CredentialsPage'),
})
const hostKeysRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/host-keys',
  validateSearch: (search: Record<string, unknown>): ListSearch => readListSearch(search, []),
  component: lazyRouteComponent(() => import('./host-keys/host-keys-page.tsx'), 'HostKeysPage'),
})
const terminalsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/terminals',
  validateSearch: (search: Record<string, unknown>): TerminalsSearch => with_('tab', text(search['tab'])),
  // The frame keeps the terminals alive behind every page; here they are only shown.
  component: () => null,
})
const sessionsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/sessions',
  validateSearch: (search: Record<string, unknown>): SessionsSearch => readSessionsSearch(search),
  component: lazyRouteComponent(() => withLaterWords(import('./sessions/sessions-page.tsx')), 'SessionsPage'),
})
const recordingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/recordings',
  validateSearch: (search: Record<string, unknown>): RecordingsSearch => readRecordingsSearch(search),
  component: lazyRouteComponent(() => withLaterWords(import('./recordings/recordings-page.tsx')), 'RecordingsPage'),
})

const transfersRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/transfers',
  validateSearch: (search: Record<string, unknown>): TransfersSearch => readTransfersSearch(search),
  component: lazyRouteComponent(() => withLaterWords(import('./transfers/transfers-page.tsx')), 'TransfersPage'),
})
const commandsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/commands',
  validateSearch: (search: Record<string, unknown>): CommandsSearch => readCommandsSearch(search),
  component: lazyRouteComponent(() => withLaterWords(import('./commands/commands-page.tsx')), 'CommandsPage'),
})
const auditRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch => readAuditSearch(search),
  component: lazyRouteComponent(() => withLaterWords(import('./audit/audit-page.tsx')), 'AuditPage'),
})
const accountRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/account',
  component: lazyRouteComponent(() => withLaterWords(import('./account/account-page.tsx')), 'AccountPage'),
})
const sshRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/ssh',
  component: lazyRouteComponent(() => withLaterWords(import('./ssh-door/ssh-page.tsx')), 'SshPage'),
})
/** What a link in a terminal leads to; who is not signed in comes back here. */
const approveRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/approve/$id',
  component: lazyRouteComponent(() => withLaterWords(import('./approve/approve-page.tsx')), 'ApprovePage'),
})
const settingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/settings',
  component: lazyRouteComponent(() => withLaterWords(import('./settings/settings-page.tsx')), 'SettingsPage'),
})

const operatorsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/operators',
  validateSearch: readOperatorsSearch,
  component: lazyRouteComponent(() => withLaterWords(import('./operators/operators-page.tsx')), 'OperatorsPage'),
})
const groupsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/groups',
  validateSearch: readGroupsSearch,
  component: lazyRouteComponent(() => withLaterWords(import('./groups/groups-page.tsx')), 'GroupsPage'),
})
const grantsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/grants',
  validateSearch: readGrantsSearch,
  component: lazyRouteComponent(() => withLaterWords(import('./grants/grants-page.tsx')), 'GrantsPage'),
})
const whoMayRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/who-may',
  validateSearch: readWhoMaySearch,
  component: lazyRouteComponent(() => withLaterWords(import('./who-may/who-may-page.tsx')), 'WhoMayPage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    claimRoute,
    frameRoute.addChildren([
      indexRoute,
      hostsRoute,
      credentialsRoute,
      hostKeysRoute,
      terminalsRoute,
      sessionsRoute,
      recordingsRoute,
      transfersRoute,
      operatorsRoute,
      groupsRoute,
      grantsRoute,
      whoMayRoute,
      commandsRoute,
      auditRoute,
      accountRoute,
      sshRoute,
      approveRoute,
      settingsRoute,
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

// Every place of the product that people can stand at: what opens it, and what shows that it is there.
import type { Page } from 'playwright-core'
import { testOperator } from './product.ts'

export type TourFacts = { url: string; host: string; credential: string; played: string; live: string; claimLink: string }
export type Place = {
  name: string
  path: (facts: TourFacts) => string
  ready: (page: Page) => Promise<unknown>
  /** What a person does there until the place is as it is meant. */
  act?: (page: Page) => Promise<unknown>
  /** Somebody who is not signed in. */
  stranger?: true
}

const rows = (page: Page) => page.locator('[data-row]').first().waitFor()
const dialog = (page: Page) => page.getByRole('dialog').first().waitFor()
const heading = (page: Page) => page.locator('main h1').first().waitFor()
const config =
  'Host web7 web8\n  HostName %h.example.org\n  User deploy\n  IdentityFile ~/.ssh/id_x\n  ProxyJump gate\nHost bad\n  HostName a/b\nMatch exec "x"\n'

export const places: readonly Place[] = [
  { name: 'claim', path: ({ claimLink }) => claimLink, ready: (page) => page.locator('[name=username]').waitFor(), stranger: true },
  { name: 'sign-in', path: () => '/sign-in', ready: (page) => page.locator('[name=username]').waitFor(), stranger: true },
  { name: 'hosts', path: () => '/hosts', ready: rows },
  { name: 'hosts with a selection', path: () => '/hosts', ready: rows, act: (page) => page.locator('[data-row] input[type=checkbox]').first().check() },
  {
    name: 'new host',
    path: () => '/hosts?host=new',
    ready: (page) => page.locator('[name=host-address]').waitFor(),
    act: (page) => page.getByTestId('host-save').click(),
  },
  { name: 'one host', path: ({ host }) => `/hosts?host=${host}`, ready: (page) => page.locator('[name=host-address]').waitFor() },
  { name: 'import', path: () => '/hosts?host=import', ready: (page) => page.getByTestId('import-choose').waitFor() },
  {
    name: 'import, looked at',
    path: () => '/hosts?host=import',
    ready: (page) => page.getByTestId('import-choose').waitFor(),
    async act(page) {
      await page.locator('[name=import-text]').fill(config)
      await page.getByTestId('import-read').click()
      await page.locator('[data-testid=import-do]:not([disabled])').waitFor()
    },
  },
  { name: 'credentials', path: () => '/credentials', ready: rows },
  { name: 'one credential', path: ({ credential }) => `/credentials?edit=${credential}`, ready: dialog },
  { name: 'rotate a credential', path: ({ credential }) => `/credentials?rotate=${credential}`, ready: dialog },
  { name: 'new credential', path: () => '/credentials?edit=new', ready: dialog },
  { name: 'operators', path: () => '/operators', ready: rows },
  {
    name: 'new operator',
    path: () => '/operators?edit=new',
    ready: (page) => page.locator('[name=operator-name]').waitFor(),
    act: (page) => page.getByTestId('operator-save').click(),
  },
  { name: 'groups', path: () => '/groups', ready: rows },
  { name: 'new group', path: () => '/groups?edit=new', ready: dialog },
  { name: 'grants', path: () => '/grants', ready: rows },
  {
    name: 'new grant',
    path: () => '/grants?edit=new',
    ready: (page) => page.locator('[name=grant-name]').waitFor(),
    async act(page) {
      await page.getByTestId('grant-when').locator('[value=limited]').check()
      await page.getByTestId('add-hours').click()
      await page.getByTestId('grant-save').click()
    },
  },
  { name: 'who may', path: ({ host }) => `/who-may?operator=ada&asset=${host}`, ready: (page) => page.getByTestId('verdict').first().waitFor() },
  { name: 'who may reach a host', path: ({ host }) => `/who-may?asset=${host}`, ready: (page) => page.getByTestId('access-list').waitFor() },
  { name: 'host keys', path: () => '/host-keys', ready: heading },
  { name: 'terminals', path: () => '/terminals', ready: (page) => page.locator('main h2').first().waitFor() },
  { name: 'live sessions', path: () => '/sessions', ready: rows },
  { name: 'ended sessions', path: () => '/sessions?state=ended', ready: rows },
  { name: 'recordings', path: () => '/recordings', ready: rows },
  { name: 'transfers', path: () => '/transfers', ready: heading },
  { name: 'player', path: ({ played }) => `/recordings?play=${played}`, ready: (page) => page.locator('[data-testid=player][data-status=ready]').waitFor() },
  { name: 'account', path: () => '/account', ready: heading },
  {
    name: 'second factor',
    path: () => '/account',
    ready: (page) => page.getByTestId('second-factor-set-up').waitFor(),
    async act(page) {
      await page.getByTestId('second-factor-set-up').click()
      await page.locator('[role=dialog] [name=current-password]').fill(testOperator.password)
      await page.getByTestId('password-next').click()
      await page.getByTestId('qr-code').waitFor()
    },
  },
  {
    name: 'new token',
    path: () => '/account',
    ready: (page) => page.getByTestId('new-token').waitFor(),
    async act(page) {
      await page.getByTestId('new-token').click()
      await page.getByTestId('token-make').click()
    },
  },
  { name: 'audit', path: () => '/audit', ready: rows },
  { name: 'one row of the ledger', path: () => '/audit', ready: rows, act: openRow },
  { name: 'commands', path: () => '/commands', ready: rows },
  { name: 'command rules', path: () => '/commands?view=rules', ready: (page) => page.getByTestId('add-rule').waitFor() },
  {
    name: 'new command rule',
    path: () => '/commands?view=rules',
    ready: (page) => page.getByTestId('add-rule').waitFor(),
    async act(page) {
      await page.getByTestId('add-rule').click()
      await page.getByTestId('save-rule').click()
    },
  },
  { name: 'settings', path: () => '/settings', ready: (page) => page.locator('main input').first().waitFor() },
  { name: 'palette', path: () => '/account', ready: heading, act: openPalette },
  { name: 'lost', path: () => '/no-such-page', ready: (page) => page.locator('main h2').first().waitFor() },
]

async function openRow(page: Page): Promise<void> {
  await page.getByTestId('audit-open').first().click()
  await page.getByTestId('audit-details').waitFor()
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').first().waitFor()
  await page.keyboard.type('we')
}

/** Skeletons gone, transitions at rest. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('.mantine-Skeleton-root') === null &&
      document.getAnimations().every(({ playState, effect }) => playState !== 'running' || effect?.getComputedTiming().iterations === Infinity),
    undefined,
    { timeout: 10_000 },
  )
}

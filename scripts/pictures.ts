// `npm run screenshots`: every page of the real product in both sizes, themes and languages, into `.cache/pictures`; those of the README into `docs/pictures`.
// With words it takes only sets whose name holds all of them: `npm run screenshots -- en dark 1440`.
import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from '../test/harness/browser.ts'
import { checkout, startProduct } from '../test/harness/product.ts'
import { startSshd } from '../test/harness/sshd.ts'
import { makeEvidence } from './pictures/evidence-estate.ts'
import { evidence } from './pictures/evidence-views.ts'
import { makeEstate } from './pictures/estate.ts'
import { makeAccess } from './pictures/access-estate.ts'
import { access } from './pictures/access-views.ts'
import { admin } from './pictures/admin-views.ts'
import { makeCrowd } from './pictures/crowd.ts'
import { empties, hosts, sessions, type Stand, terminals, wordsOf } from './pictures/views.ts'

const wanted = process.argv.slice(2)
const folder = path.join(checkout, '.cache', 'pictures')
const kept = path.join(checkout, 'docs', 'pictures')
/** A page of text on GitHub should not weigh more than this for one picture. */
const mostBytes = 200_000

const sets = ([1440, 390] as const)
  .flatMap((width) => (['light', 'dark'] as const).flatMap((theme) => (['en', 'zh'] as const).map((language) => ({ width, theme, language }))))
  .map((set) => ({ ...set, name: `${set.width}-${set.theme}-${set.language}` }))
  .filter(({ name }) => wanted.every((word) => name.includes(word)))
type Set_ = (typeof sets)[number]

/** Of the set in the dark, in English, at full width. */
const keepThese: Record<string, string> = {
  terminal: 'terminal.png',
  hosts: 'hosts.png',
  'sessions-ended': 'sessions.png',
  'import-preview': 'import.png',
  grants: 'grants.png',
}

async function open(browser: Browser, url: string, { width, theme, language }: Set_, cookie = ''): Promise<BrowserContext> {
  const phone = width < 700
  const context = await browser.newContext({
    viewport: { width, height: phone ? 844 : 900 },
    colorScheme: theme,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    hasTouch: phone,
    reducedMotion: 'reduce',
  })
  await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
  const cookies = cookie.split('; ').filter(Boolean)
  await context.addCookies(cookies.map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url })))
  return context
}
const shooter = (page: Page, set: Set_) => async (name: string) => {
  await page.waitForTimeout(200)
  const file = path.join(folder, set.name, `${name}.png`)
  await page.screenshot({ path: file, animations: 'disabled' })
  const picture = keepThese[name]
  if (picture === undefined || set.name !== '1440-dark-en') return
  if (statSync(file).size > mostBytes) throw new Error(`${file} is larger than ${mostBytes} bytes`)
  copyFileSync(file, path.join(kept, picture))
}

mkdirSync(kept, { recursive: true })
for (const { name } of sets) mkdirSync(path.join(folder, name), { recursive: true })
const [sshd, product, browser] = await Promise.all([
  startSshd({ config: ['SetEnv LC_ALL=C.UTF-8'] }),
  startProduct({ flags: ['--reach-every-seconds', '0'] }),
  launchBrowser(),
])
let failed = 0
/** Runs the step for every set; one that fails is told and the others go on. */
async function forEachSet(what: string, cookie: string, step: (stand: Pick<Stand, 'page' | 'url' | 'shoot'>, set: Set_) => Promise<void>): Promise<void> {
  for (const set of sets) {
    const context = await open(browser, product.url, set, cookie)
    const page = await context.newPage()
    page.on('dialog', (dialog) => void dialog.accept())
    page.setDefaultTimeout(20_000)
    try {
      await step({ page, url: product.url, shoot: shooter(page, set) }, set)
    } catch (error) {
      failed++
      process.stderr.write(`${what} ${set.name}: ${error instanceof Error ? error.message : String(error)}\n`)
      await page.screenshot({ path: path.join(folder, set.name, `${what}-failed.png`) }).catch(() => undefined)
    }
    await context.close()
  }
}
try {
  await forEachSet('claim', '', async ({ page, url, shoot }) => {
    await page.goto(product.claimLink ?? '')
    await page.locator('[name=username]').waitFor()
    await shoot('claim')
    await page.goto(`${url}/sign-in`)
    await page.locator('[name=username]').waitFor()
    await shoot('sign-in-unclaimed')
  })
  const api = await product.claim()
  await forEachSet('empty', api.cookie, empties)
  await forEachSet('sign-in', '', async ({ page, url, shoot }) => {
    await page.goto(`${url}/sign-in`)
    await page.locator('[name=username]').fill('ada')
    await page.locator('[name=password]').fill('not this one, surely')
    await page.locator('[type=submit]').click()
    await page.getByRole('alert').waitFor()
    await shoot('sign-in-refused')
  })
  const estate = await makeEstate(product, api, sshd)
  await makeCrowd(product, api, estate.hosts.get('web-01')?.hostKeys ?? [])
  const people = await makeAccess(api)
  await makeEvidence(product, api)
  await forEachSet('filled', api.cookie, async (base, set) => {
    const stand = { ...base, estate, words: wordsOf[set.language], phone: set.width < 700 }
    await hosts(stand)
    await admin(stand)
    await access(stand, people)
    await evidence(stand)
    await sessions(stand)
    await terminals(stand)
  })
  for (const terminal of estate.live) terminal.close()
} finally {
  await browser.close()
  await product.stop()
  await sshd.stop()
}
process.stdout.write(`Pictures are in ${path.relative(checkout, folder)}, those of the README in ${path.relative(checkout, kept)}.\n`)
process.exitCode = failed > 0 ? 1 : 0

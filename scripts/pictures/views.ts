// Every page of the product, each as a step that leaves it ready to be photographed.
import type { Page } from 'playwright-core'
import type { Screen } from '../../src/web/terminal/screen-reading.ts'
import { waitUntil } from '../../test/harness/wait.ts'
import type { Estate } from './estate.ts'

export type Words = { check: RegExp; connect: RegExp; terminate: RegExp; close: RegExp; ended: RegExp; replay: RegExp }
export const wordsOf: Record<'en' | 'zh', Words> = {
  en: { check: /^Check$/, connect: /^Connect$/, terminate: /^Terminate$/, close: /^Close$/, ended: /^Ended$/, replay: /^Replay web-01/ },
  zh: { check: /^检查$/, connect: /^连接$/, terminate: /^强制结束$/, close: /^关闭$/, ended: /^已结束$/, replay: /web-01/ },
}
export type Stand = { page: Page; url: string; words: Words; estate: Estate; phone: boolean; shoot: (name: string) => Promise<void> }

/** The newest terminal's screen, as the page's own xterm has it. */
const screen = (page: Page) =>
  page.evaluate(() => {
    const offered = (window as unknown as { __sallyportTerminals?: Record<string, () => Screen> }).__sallyportTerminals ?? {}
    return Object.values(offered).at(-1)?.()
  })
const seen = (page: Page, wanted: RegExp) =>
  waitUntil(`${wanted} on the screen`, async () => wanted.test((await screen(page))?.lines.join('\n') ?? ''), { withinMs: 20_000, everyMs: 60 })
const type = (page: Page, text: string) => page.keyboard.type(text, { delay: 1 })
const rest = (page: Page, ms = 250) => page.waitForTimeout(ms)

async function connect({ page, url, words }: Stand, host: string): Promise<void> {
  await page.goto(`${url}/hosts?q=${encodeURIComponent(host)}`)
  await page.getByRole('button', { name: words.connect }).first().click()
}
/** Leaving a live terminal asks; here nobody minds. */
async function leave(page: Page): Promise<void> {
  await page.goto('about:blank')
}

export async function hosts({ page, url, estate, shoot, phone }: Stand): Promise<void> {
  await page.goto(`${url}/hosts`)
  await page.getByText('api-01', { exact: true }).first().waitFor()
  await rest(page)
  await shoot('hosts')
  await page.goto(`${url}/hosts?q=nothing-of-this-name`)
  await rest(page, 500)
  await shoot('hosts-no-match')
  await page.goto(`${url}/hosts?host=new`)
  const form = page.getByRole('dialog')
  await form.locator('[name=host-name]').fill('web-03')
  await form.locator('[name=host-address]').fill('127.0.0.1')
  await form.locator('[name=host-port]').fill(String(estate.sshd.port))
  await form.getByTestId('host-tags').fill('production, web,')
  await shoot('host-add')
  await form.locator('[name=host-account]').fill(estate.sshd.user)
  await form.getByTestId('auth-kinds').locator('label').nth(1).click()
  await form.locator('textarea').first().fill(estate.sshd.userKeys.ed25519.privateKey)
  await form.getByTestId('host-check').click()
  await form.getByTestId('trust-key').waitFor()
  if (phone) await form.getByTestId('trust-key').scrollIntoViewIfNeeded()
  await shoot('host-add-key')
  await form.getByTestId('trust-key').click()
  await form.locator('[data-testid="check-sign-in"][data-state="ok"]').waitFor()
  await shoot('host-add-checked')
  await page.goto(`${url}/hosts?host=${estate.hosts.get('web-01')?.id ?? ''}`)
  await form.getByText('www-data', { exact: true }).waitFor()
  await shoot('host-edit')
  await page.goto(`${url}/hosts`)
  await page.locator('input').first().fill('root@203.0.113.50')
  await rest(page, 400)
  await shoot('search')
}

export async function terminals(stand: Stand): Promise<void> {
  const { page, url, shoot, phone, estate } = stand
  await page.goto(`${url}/terminals`)
  await shoot('terminals-empty')
  await connect(stand, 'web-01')
  await seen(page, /[$#] $/m)
  await type(
    page,
    `health() { printf '\\e[32m✔ api\\e[0m 12 ms   \\e[33m▲ queue\\e[0m 340 jobs   \\e[31m✘ mail\\e[0m connection refused\\n'; }; PS1='\\[\\e[1;32m\\]deploy@web-01\\[\\e[0m\\]:\\[\\e[1;34m\\]/srv/shop\\[\\e[0m\\]\\$ '; clear\n`,
  )
  await seen(page, /deploy@web-01:\/srv\/shop\$ $/m)
  await type(page, 'ls --color=always -l /etc | head -14\n')
  await type(page, "echo '订单服务 已部署 🚀'\n")
  await type(page, 'health\n')
  await type(page, 'df -h / /dev/shm; uptime\n')
  await seen(page, /load average/)
  await rest(page, 600)
  await shoot('terminal')
  await type(page, 'clear; vim -u NONE --cmd "set shm=aFtTI" -c "syntax on" -c "set number bg=dark" /etc/ssh/sshd_config\n')
  await seen(page, /1 #/)
  await rest(page)
  await shoot('terminal-vim')
  await type(page, ':q!\n')
  await rest(page)
  await type(page, 'clear; htop\n')
  await seen(page, /PID|F10/)
  await rest(page, 1200)
  await shoot('terminal-htop')
  await type(page, 'q')
  await rest(page)
  if (!phone) {
    await page.keyboard.type('exit 3\n')
    await page.getByTestId('ended').waitFor()
    await shoot('terminal-ended')
  }
  await leave(page)
  await connect(stand, 'ask-me')
  await page.locator('input[type=password]').waitFor()
  await shoot('terminal-prompt')
  await leave(page)
  await page.goto(`${url}/hosts`)
  await page.locator('main h1').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').locator('input').first().fill(`${estate.sshd.user}@localhost:${estate.sshd.port}`)
  await rest(page, 900)
  await page.keyboard.press('Enter')
  await page.getByText('SHA256:').first().waitFor()
  await shoot('terminal-unknown-key')
  await leave(page)
  await connect(stand, 'reinstalled')
  await page.getByTestId('ended').waitFor()
  await shoot('terminal-changed-key')
  await leave(page)
}

export async function sessions({ page, url, words, shoot, estate }: Stand): Promise<void> {
  await page.goto(`${url}/sessions`)
  await page.getByText('db-primary').first().waitFor()
  await rest(page, 400)
  await shoot('sessions-live')
  await page.getByRole('button', { name: words.terminate }).first().click()
  await page.locator('textarea[name=reason]').fill('Maintenance window begins at 22:00.')
  await shoot('terminate')
  await page.keyboard.press('Escape')
  await page.goto(`${url}/sessions?state=ended`)
  await page.getByText('db-primary').first().waitFor()
  await rest(page, 400)
  await shoot('sessions-ended')
  await page.goto(`${url}/recordings`)
  await page.getByText('db-primary').first().waitFor()
  await rest(page, 400)
  await shoot('recordings')
  const list = await estate.api.call<{ items: { id: string; asset: string }[] }>('GET', '/sessions?state=ended&recorded=true&sort=startedAt&size=50')
  const played = list.items.find((row) => row.asset === 'web-01')?.id ?? ''
  await page.goto(`${url}/recordings?play=${played}`)
  await page.locator('[data-testid=player][data-status=ready]').waitFor()
  await rest(page, 3500)
  await shoot('player')
  await page.goto(`${url}/sessions?play=${estate.terminable}`)
  await page.locator('[data-testid=player][data-status=ready]').waitFor()
  await rest(page, 1200)
  await shoot('player-live')
}

export async function empties({ page, url, shoot }: Pick<Stand, 'page' | 'url' | 'shoot'>): Promise<void> {
  for (const [path, name] of [
    ['/hosts', 'hosts-empty'],
    ['/sessions', 'sessions-empty'],
    ['/recordings', 'recordings-empty'],
    ['/credentials', 'credentials-empty'],
    ['/host-keys', 'host-keys-empty'],
    ['/nowhere', 'lost'],
  ] as const) {
    await page.goto(`${url}${path}`)
    await rest(page, 500)
    await shoot(name)
  }
}

// The pages that administrators keep the house with, and one's own.
import type { Stand } from './views.ts'

const rest = (page: Stand['page'], ms = 400) => page.waitForTimeout(ms)

export async function admin({ page, url, shoot, phone, estate }: Stand): Promise<void> {
  await page.goto(`${url}/credentials`)
  await page.getByText('Break glass').first().waitFor()
  await rest(page)
  await shoot('credentials')
  await page.getByTestId('add-credential').first().click()
  await page.getByTestId('credential-save').waitFor()
  await rest(page)
  await shoot('credential-add')
  await page.goto(`${url}/host-keys`)
  await page.getByTestId('key-change').first().waitFor()
  await rest(page)
  await shoot('host-keys')
  await page.goto(`${url}/account`)
  await page.getByTestId('own-sign-in').first().waitFor()
  await rest(page)
  await shoot('account')
  await page.goto(`${url}/settings`)
  await page.getByTestId('disk-use').waitFor()
  await rest(page)
  await shoot('settings')
  await page.goto(`${url}/hosts?host=import`)
  await page.getByTestId('import-choose').waitFor()
  await rest(page)
  await shoot('import')
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'config', mimeType: 'text/plain', buffer: Buffer.from(configFile) })
  await page.getByTestId('import-rows').waitFor()
  await rest(page, 1200)
  await shoot('import-preview')
  await page.goto(`${url}/hosts?q=web`)
  await page.getByText('web-01', { exact: true }).first().waitFor()
  if (!phone) {
    for (const at of [0, 1]) await page.locator('tbody input[type=checkbox]').nth(at).check()
    await page.getByTestId('selection').waitFor()
    await rest(page)
    await shoot('hosts-chosen')
  }
  await page.keyboard.press('Control+k')
  await rest(page)
  await shoot('palette')
  await page.keyboard.type('web')
  await rest(page, 900)
  await shoot('palette-found')
  await page.keyboard.press('Escape')
  await estate.api.call('PATCH', '/settings', { idleSeconds: 3600 })
  await page.goto(`${url}/settings`)
  await page.getByTestId('disk-use').waitFor()
  await rest(page)
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))
  await rest(page)
  await shoot('settings-end')
}

const configFile = `# what an operator brings along
Host bastion
  HostName 203.0.113.1
  User jump
Host db-*
  User postgres
  ProxyJump bastion
Host db-eu-1
  HostName 198.51.100.201
Host db-eu-2
  HostName 198.51.100.202
  Port 2222
Host web-01
  HostName 192.0.2.11
Host 上海-缓存
  HostName 198.51.100.203
  User ops
  IdentityFile ~/.ssh/id_ed25519
Match host old-*
  User legacy
`

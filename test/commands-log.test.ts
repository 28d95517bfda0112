// What was run, from keys at a real shell behind a real sshd to the list that an auditor reads.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bashIntegration, zshIntegration } from '#domain/shell-integration.ts'
import type { CommandView } from '#wire/api/audit.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'
import { keysOf } from './command-corpus/keys.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Types a line key by key and waits for what the host then shows. */
async function typist() {
  const terminal = await openTerminal(product, api, host, { cols: 80, rows: 24 })
  const { session } = await terminal.waitForWelcome()
  // What is typed before the first prompt of all cannot be told from it.
  await terminal.waitFor('\u001b[?2004h')
  await pause(300)
  const type = async (keys: string, shown?: string) => {
    for (const key of keysOf(keys)) {
      terminal.send(key)
      await pause(15)
    }
    if (shown !== undefined) await terminal.waitFor(shown)
    await pause(150)
  }
  const listed = async () => (await api.call<{ items: CommandView[] }>('GET', `/sessions/${session}/commands`)).items
  return { terminal, session, type, listed }
}

describe('the command log', () => {
  it('reads what was run off the screen, with a place in the recording, and nothing of a password (AUD-10, AUD-11, REC-12)', async () => {
    expect(await api.call('POST', '/command-rules', { name: 'look', match: 'pattern', pattern: '*fixed*', effect: 'deny' })).toMatchObject({ name: 'look' })
    const { terminal, session, type, listed } = await typist()
    await type("LC_ALL=C.UTF-8; PS1='$ '; echo sta''rted<Enter>", 'started\r\n')
    await type('ehco x<Home><Del><Del><Del><Del>echo fixed-$((1+1))<Enter>', 'fixed-2')
    await type('<Up><Home><M-d>printf<End> again<Enter>')
    await type('for i in 1 2; do<Enter>')
    await type('echo loop-$i; done<Enter>', 'loop-2\r\n')
    await type('read -s secret<Enter>')
    await type('canary-of-a-password<Enter>')
    await type('vi<C-u>less /etc/passwd<Enter>', '\u001b[?1049h')
    await type('!echo in-less<Enter>', 'in-less')
    await type('<Enter>')
    await type('q')
    await type('echo 中文<Enter>', '中文\r\n')
    await type('exit<Enter>')
    await terminal.waitForEnded()
    await waitUntil('the last command to be listed', async () => (await listed()).at(-1)?.text === 'exit')
    const items = await listed()
    expect(items.map(({ text, how }) => (how === 'hidden' ? '(hidden)' : text))).toEqual([
      "LC_ALL=C.UTF-8; PS1='$ '; echo sta''rted",
      'echo fixed-$((1+1)) x',
      'printf fixed-$((1+1)) x again',
      'for i in 1 2; do\necho loop-$i; done',
      'read -s secret',
      '(hidden)',
      'less /etc/passwd',
      '(hidden)',
      'echo 中文',
      'exit',
    ])
    expect(items.every((item, at) => at === 0 || item.seconds >= (items[at - 1]?.seconds ?? 0))).toBe(true)
    // In a terminal without integration a rule that denies is a notice.
    expect(items.filter(({ verdict }) => verdict !== undefined).map(({ verdict, rule }) => [verdict, rule])).toEqual([
      ['noticed', 'look'],
      ['noticed', 'look'],
    ])
    const cast = await download(api, session, 'v3')
    for (const where of [JSON.stringify(items), cast]) expect(where).not.toContain('canary-of-a-password')
    expect(await api.call('GET', '/commands?q=LOOP')).toMatchObject({ total: 1, items: [{ session, asset: 'web1', account: sshd.user }] })
  })

  it('sends Ctrl-C and a word where a rule denies what an integrated shell runs, and says so in the list and the ledger', async () => {
    await api.call('POST', '/command-rules', { name: 'no waiting', match: 'pattern', pattern: 'sleep 77*', effect: 'deny' })
    await writeFile(path.join(sshd.home, '.sallyport-rc'), bashIntegration, { mode: 0o644 })
    const { terminal, type, listed } = await typist()
    await type('. ~/.sallyport-rc<Enter>', '\u001b]133;A')
    const isTold = () => terminal.notices.some(({ about }) => about?.code === 'command_denied' && about.rule === 'no waiting')
    // The gateway hears of a rule within some seconds.
    for (let tries = 0; tries < 15 && !isTold(); tries += 1) {
      await type('sleep 77<Enter>')
      await pause(1000)
      await type('<C-c>')
    }
    expect(isTold()).toBe(true)
    await type('echo goes-on<Enter>', 'goes-on\r\n')
    await type('exit<Enter>')
    await terminal.waitForEnded()
    await waitUntil('the denied command to be listed', async () => (await listed()).some(({ verdict, rule }) => verdict === 'denied' && rule === 'no waiting'))
    expect(await api.call('GET', '/commands?verdict=denied')).toMatchObject({ items: [{ text: 'sleep 77', how: 'integration', rule: 'no waiting' }] })
  })

  it.each(['bash', 'zsh'] as const)('takes the word of a %s with our snippet: command, folder, exit status, time', async (shell) => {
    await writeFile(path.join(sshd.home, '.sallyport-rc'), shell === 'bash' ? bashIntegration : zshIntegration, { mode: 0o644 })
    const { terminal, type, listed } = await typist()
    await type(`export LC_ALL=C.UTF-8; exec ${shell === 'bash' ? 'bash --norc' : 'zsh -f'}<Enter>`)
    await type('. ~/.sallyport-rc<Enter>', '\u001b]133;A')
    await type('cd /tmp; sleep 0.3; (exit 42)<Enter>', '133;D;42')
    await type('echo "é;<lt>b"<Left>Z<Enter>', 'bZ\r\n')
    await type('!!<Enter>', 'bZ\r\n')
    await type('echo two \\<Enter>')
    await type('lines<Enter>', 'two lines\r\n')
    await type('exit<Enter>')
    await terminal.waitForEnded()
    await waitUntil('the last command to be listed', async () => (await listed()).at(-1)?.text === 'exit')
    const told = (await listed()).filter(({ how }) => how === 'integration')
    expect(told.slice(0, 4)).toMatchObject([
      { text: 'cd /tmp; sleep 0.3; (exit 42)', folder: sshd.home, exitStatus: 42 },
      { text: 'echo "é;<bZ"', folder: '/tmp', exitStatus: 0 },
      { text: 'echo "é;<bZ"' },
      { text: shell === 'bash' ? 'echo two lines' : 'echo two \\\nlines' },
    ])
    expect(told[0]?.durationMs).toBeGreaterThanOrEqual(290)
    // Nothing stands there twice, once by each way.
    expect((await listed()).filter(({ text, how }) => how === 'screen' && text.startsWith('echo'))).toEqual([])
  })
})

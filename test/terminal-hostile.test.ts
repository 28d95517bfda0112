// A host that prints what it likes, a clipboard that somebody else has filled: neither types, copies, opens or renames anything by itself (TERM-01 to TERM-07).
import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PageStand, startPageStand } from './harness/page-stand.ts'
import { type PageTerminal } from './harness/page-terminal.ts'
import { waitUntil } from './harness/wait.ts'

let stand: PageStand
let terminal: PageTerminal
let page: Page

beforeAll(async () => {
  stand = await startPageStand()
})
afterAll(() => stand?.stop())
beforeEach(async () => {
  terminal = await stand.fresh()
  page = terminal.page
})

const printed = (text: string) => `printf '%b' '${[...Buffer.from(text)].map((byte) => `\\0${byte.toString(8)}`).join('')}'`
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What the page sends for these bytes of a host, in hex, as the host's terminal receives it. A question that is always answered (`CSI 5 n`) marks the end. */
async function answersTo(text: string): Promise<string> {
  await terminal.run('clear')
  await terminal.run(
    `stty -echo -icanon; ${printed(`${text}\u001b[5n`)}; IFS= read -rsd n -t 30 a; stty sane; clear; printf GOT:; printf %s "$a" | od -An -tx1 -v | tr -d ' \\n'; echo :END`,
  )
  const got = /GOT:([0-9a-f]*):END/.exec((await terminal.text()).replaceAll('\n', ''))?.[1]
  if (got === undefined) throw new Error(`no answer in: ${await terminal.text()}`)
  expect(got.endsWith(hex('\u001b[0')), `the last question was not answered: ${got}`).toBe(true)
  return got.slice(0, -hex('\u001b[0').length)
}
const hex = (text: string) => Buffer.from(text).toString('hex')

describe('what a host asks (TERM-03)', () => {
  it('is answered byte by byte as it should be, and nothing else is', async () => {
    expect(await answersTo('\u001b[c')).toBe(hex('\u001b[?1;2c'))
    expect(await answersTo('\u001b[>c')).toBe(hex('\u001b[>0;276;0c'))
    expect(await answersTo('\u001b[?2004$p\u001b[?31337$p')).toMatch(new RegExp(`^${hex('\u001b[?2004;')}3[12]${hex('$y')}$`))
    expect(await answersTo('\u001bP$qm\u001b\\\u001bP$qrm -rf\u001b\\')).toBe(hex('\u001bP1$r0m\u001b\\'))
  })

  it('is not told what is none of its business', async () => {
    const questions = [
      ['a title (CSI 21 t, 20 t)', '\u001b]2;echo owned\r\u0007\u001b[21t\u001b[20t'],
      ['the window (CSI 11, 13, 14, 15, 16, 18, 19 t)', '\u001b[11t\u001b[13t\u001b[14t\u001b[15t\u001b[16t\u001b[18t\u001b[19t'],
      ['answerback (ENQ)', '\u0005\u0005'],
      ['a capability (XTGETTCAP)', '\u001bP+q544e\u001b\\\u001bP+q6563686f\u001b\\'],
      ['the version (XTVERSION), DA3', '\u001b[>q\u001b[>0q\u001b[=c'],
      ['the clipboard (OSC 52)', '\u001b]52;c;?\u0007\u001b]52;p;?\u001b\\\u001b]52;;?\u0007'],
      [
        'other colours, fonts, files (OSC 13, 17, 50, 1337)',
        '\u001b]13;?\u0007\u001b]17;?\u0007\u001b]50;?\u0007\u001b]1337;ReportCellSize\u0007\u001b]7;?\u0007',
      ],
      ['a checksum, parameters, the keyboard', '\u001b[1;1;1;1;2;2*y\u001b[x\u001b[?u\u001b[?4m\u001b[?996n\u001b[?26n\u001b[?15n'],
    ]
    for (const [what, question] of questions) expect({ what, said: await answersTo(question ?? '') }).toEqual({ what, said: '' })
  })

  it("tells the person's colours, not those that the host has set", async () => {
    const background = '\u001b]11;rgb:1010/1515/1b1b\u001b\\'
    expect(await answersTo('\u001b]11;rgb:65/63/68\u0007\u001b]11;?\u0007')).toBe(hex(background))
    expect(await answersTo('\u001b]4;1;#6f776e\u0007\u001b]4;1;?\u001b\\')).toBe(hex('\u001b]4;1;rgb:ffff/7b7b/7272\u001b\\'))
  })

  it('is told of the focus when it asks to be', async () => {
    expect(await answersTo('\u001b[?1004h\u001b[?1004l')).toBe(hex('\u001b[I'))
  })

  it('is answered a bounded number of times', async () => {
    await terminal.run(
      "stty -echo -icanon min 0 time 30; for i in {1..40}; do printf '\\033[c%.0s\\033[?1004h' {1..100}; done; printf '\\033[?1004l'; cat > answers; stty sane; echo; echo COUNT:$(tr -cd cIO < answers | wc -c):",
    )
    const count = Number(/COUNT:(\d+):/.exec(await terminal.text())?.[1])
    expect(count).toBeGreaterThan(0)
    // 300 at once, then 100 a second: far from the 4,000 that were asked, also on a machine that takes seconds to ask them.
    expect(count).toBeLessThan(2000)
    await terminal.run('echo still here')
  })
})

describe('what a host wants copied (TERM-01)', () => {
  it('is not copied, whatever the selection, the ending or the pieces it comes in', async () => {
    await terminal.fillClipboard('mine')
    const wishes = ['c', 'p', 'q', 's', '', '0', '7', 'cp'].map(
      (selection, at) => `\u001b]52;${selection};${base64(`owned ${selection}`)}${at % 2 ? '\u0007' : '\u001b\\'}`,
    )
    await terminal.run(printed(wishes.join('')))
    await terminal.run(
      `for c in ${Array.from(`\u001b]52;c;${base64('in pieces')}\u0007`)
        .map((character) => `'\\0${character.charCodeAt(0).toString(8)}'`)
        .join(' ')}; do printf '%b' "$c"; sleep 0.01; done`,
    )
    await terminal.run(printed('\u001b]52;c;\u0007\u001b]52;c;!\u0007'))
    const card = page.getByTestId('clipboard-offer')
    expect(await card.innerText()).toContain('in pieces')
    expect(await card.count()).toBe(1)
    expect(await terminal.clipboard()).toBe('mine')
    await card.getByRole('button', { name: 'Do not copy' }).click()
    await card.waitFor({ state: 'detached' })
    expect(await terminal.clipboard()).toBe('mine')
  })

  it('is copied once when the person says so, and shown before with what cannot be seen', async () => {
    await terminal.fillClipboard('mine')
    await terminal.run(printed(`\u001b]52;c;${base64('first\u001b[31m 中文\nsecond')}\u0007`))
    const card = page.getByTestId('clipboard-offer')
    expect(await card.innerText()).toContain('(20 characters)')
    expect(await card.innerText()).toContain('first␛[31m 中文')
    await card.getByRole('button', { name: 'Copy once' }).click()
    await waitUntil('the copy', async () => (await terminal.clipboard()) === 'first\u001b[31m 中文\nsecond')
    await card.waitFor({ state: 'detached' })
    await terminal.run(printed(`\u001b]52;c;${base64('next')}\u0007`))
    await card.waitFor()
    expect(await terminal.clipboard()).toContain('first')
  })

  it('is refused when it is large', async () => {
    await terminal.fillClipboard('mine')
    await terminal.run(`printf '\\033]52;c;'; head -c 2000000 /dev/zero | tr '\\0' A; printf '\\007'`)
    const card = page.getByTestId('clipboard-offer')
    expect(await card.innerText()).toContain('more than 750 kB')
    expect(await card.getByRole('button', { name: 'Copy once' }).count()).toBe(0)
    expect(await terminal.clipboard()).toBe('mine')
  })

  it('is not given away by a click that was meant for what stood there before', async () => {
    await page.evaluate(() => {
      const seen: boolean[] = []
      Object.assign(window, { seen })
      const look = () => {
        const card = document.querySelector('[data-testid=clipboard-offer]')
        if (!card?.textContent.includes('second')) return
        for (const button of card.querySelectorAll('button')) if (button.textContent === 'Copy once') seen.push(button.disabled)
      }
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
    })
    await terminal.run(printed(`\u001b]52;c;${base64('first')}\u0007`))
    await page.getByTestId('clipboard-offer').getByRole('button', { name: 'Copy once', disabled: false }).waitFor()
    await terminal.run(printed(`\u001b]52;c;${base64('second')}\u0007`))
    await page.getByTestId('clipboard-offer').getByText('second').waitFor()
    expect(await page.evaluate(() => (window as unknown as { seen: boolean[] }).seen[0])).toBe(true)
  })
})

describe('what a host calls itself (TERM-02)', () => {
  it('stands behind our own name, escaped, in at most 128 characters, without marks that turn it round', async () => {
    // Debian's own prompt sets the title too.
    await terminal.run("PS1='$ '")
    await terminal.run(printed('\u001b]0;<img src=x onerror=alert(1)>\u202egpj.exe\u0007'))
    await waitUntil('the title', async () => (await page.title()).includes('<img'))
    expect(await page.title()).toBe(`${stand.sshd.user}@web1: <img src=x onerror=alert(1)>gpj.exe · Sallyport`)
    expect(await page.locator('img[src=x]').count()).toBe(0)
    await terminal.run(`printf '\\033]2;'; head -c 10000000 /dev/zero | tr '\\0' B; printf '\\007'; ${printed(`\u001b]0;${'C'.repeat(5000)}\u0007`)}`)
    await waitUntil('the title', async () => (await page.title()).includes('CCC'))
    expect((await page.title()).length).toBeLessThanOrEqual(`${stand.sshd.user}@web1:  · Sallyport`.length + 128)
    expect(await page.getByRole('tab').first().getAttribute('title')).toMatch(new RegExp(`^${stand.sshd.user}@web1: C{127}…$`))
  })
})

describe('a link of the host (TERM-04)', () => {
  const osc8 = (address: string, text: string) => `\u001b]8;;${address}\u001b\\${text}\u001b]8;;\u001b\\`
  it('is no link unless it is http or https', async () => {
    const script = ['javascript', 'alert(1)'].join(':')
    const bad = [script, 'file:///etc/passwd', 'data:text/html,<b>x', 'vbscript:x', 'ssh://evil.example']
    await terminal.run(printed(`\r\n${bad.map((address, at) => `${osc8(address, `press-${at}`)}\r\n`).join('')}plain: ${script}\r\nfile:///etc/hosts\r\n`))
    for (const text of ['press-0', 'press-1', 'press-2', 'press-3', 'press-4', `plain: ${script}`, 'file:///etc/hosts']) {
      const { x, y } = await terminal.find(text)
      await page.mouse.move(x + 4, y)
      await page.mouse.click(x, y)
    }
    // A link that is one asks: by then any of those before would have.
    await terminal.run(printed(`\r\n${osc8('https://good.example/', 'good-one')}\r\n`))
    const { x, y } = await terminal.find('good-one')
    await page.mouse.move(x + 4, y)
    await page.mouse.click(x, y)
    await page.getByRole('dialog').waitFor()
    expect(await page.getByTestId('address').innerText()).toBe('https://good.example/')
    expect(await page.getByRole('dialog').count()).toBe(1)
    expect(stand.context.pages()).toHaveLength(1)
  })

  it('is shown whole, as computers read it, before it is opened; Cancel opens nothing', async () => {
    const ask = async (address: string, text: string) => {
      await terminal.run(`clear; ${printed(`\r\n${osc8(address, text)}\r\n`)}`)
      const { x, y } = await terminal.find(text)
      // xterm looks for a link when the mouse comes to another cell.
      await page.mouse.move(x, y + 200)
      await page.mouse.move(x, y)
      await page.mouse.click(x, y)
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      const told = await dialog.innerText()
      await dialog.getByRole('button', { name: 'Cancel' }).click()
      await dialog.waitFor({ state: 'detached' })
      return told
    }
    // The first letter is Cyrillic.
    const lookalike = await ask('https://аpple.example/login?a=1#x', 'apple.example')
    expect(lookalike).toContain('https://xn--pple-43d.example/login?a=1#x')
    expect(lookalike).toContain('beyond plain Latin')
    expect(lookalike).toContain('names another host')
    expect(await ask('https://bank.example@evil.example/', 'the-bank')).toContain('not the host')
    const long = `https://long.example/${'a'.repeat(600)}`
    expect((await ask(long, 'a-long-one')).replaceAll('\n', '')).toContain(long)
    expect(stand.context.pages()).toHaveLength(1)
  })
})

describe('a paste (TERM-06)', () => {
  const marks = ['\u001b[201~', '\u009b201~', '\u001b[200~', '\u001b[2\u001b[201~01~', '\u009b\u009b201~201~', '\u001b[20\u001b[200~1~']

  it('reaches the host between its marks, without marks inside', async () => {
    await terminal.begin("stty raw -echo; printf '\\033[?2004h'; echo ready-$((40+2)); head -c 34 | od -An -tx1 -v; stty sane; printf '\\033[?2004l'")
    await terminal.shows('ready-42')
    await terminal.paste(`begin ${marks.join(' ')} echo owned`)
    // What cannot be seen is told before it is pasted.
    const dialog = page.getByRole('dialog')
    await dialog.waitFor({ timeout: 3000 }).catch(() => undefined)
    if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Paste' }).click()
    const wanted = `\u001b[200~begin       echo owned\u001b[201~`
    await terminal.shows(/[$#] $/m)
    expect((await terminal.text()).replaceAll(/[^0-9a-f]/g, '')).toContain(hex(wanted))
  })

  it('of several lines is shown first; Cancel pastes nothing', async () => {
    await terminal.paste('echo one\rtwo\r\necho three\n')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await dialog.innerText()).toContain('Paste 3 lines?')
    expect(await dialog.innerText()).toContain('echo three')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    await terminal.paste('echo \u0003ls')
    await dialog.waitFor()
    expect(await dialog.innerText()).toContain('control characters')
    expect(await dialog.innerText()).toContain('echo ␃ls')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    await terminal.run('echo clean')
    expect(await terminal.text()).not.toContain('three')
  })

  it('of 5 MB arrives whole, in pieces that the protocol takes', async () => {
    const text = Array.from({ length: 110_000 }, (_, at) => `line ${String(at).padStart(6, '0')} ${'中文x'.repeat(5).slice(0, 14)}`).join('\n')
    const bytes = Buffer.from(text.replaceAll('\n', '\r'))
    expect(bytes.length).toBeGreaterThan(5_000_000)
    await terminal.begin(`stty raw -echo; echo ready-$((40+2)); head -c ${bytes.length} | sha256sum; stty sane`)
    await terminal.shows('ready-42')
    await terminal.paste(text)
    await page.getByRole('dialog').getByRole('button', { name: 'Paste' }).click()
    await terminal.shows(createHash('sha256').update(bytes).digest('hex'))
  })
})

describe('a session that ends in a mess (TERM-07)', () => {
  it('leaves the next one clean', async () => {
    await terminal.begin(
      `${printed('\u001b[?1049h\u001b[?25l\u001b[?1003h\u001b[?1006h\u001b[?1004h\u001b(0\u000e\u001b[?2004h\u001b[31;44;8m\u001b[3;5r\u001b[?6h')}; exit`,
    )
    await page.getByTestId('ended').waitFor()
    await page.getByRole('button', { name: 'Connect again' }).click()
    await terminal.prompt()
    const { x, y } = await terminal.at(5, 5)
    await page.mouse.move(x, y)
    await page.mouse.move(x + 60, y + 40)
    await page.mouse.click(x, y)
    await terminal.run('echo qqq-lqk')
    const { lines, cells } = await terminal.screen()
    expect(lines.join('\n')).toContain('qqq-lqk')
    expect(lines.join('\n')).not.toMatch(/\[<|\[I|\[O/)
    const row = lines.findLastIndex((line) => line.startsWith('qqq-lqk'))
    expect(cells[row]?.[0]).toMatchObject({ fg: 'default', bg: 'default', flags: '' })
    expect(await page.locator('.xterm.enable-mouse-events').count()).toBe(0)
  })
})

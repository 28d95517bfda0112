// A session outlives its connection: both sides of the 1 MiB line and of the grace, keys, other devices, control killed meanwhile. Through the product, as any client would.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, openTerminal, saveHost, type SavedHost, shownBytes } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { TerminalClient } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'

const mib = 1024 * 1024
const graceSeconds = 5
let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--grace-seconds', `${graceSeconds}`] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

type Held = { terminal: TerminalClient; session: string; key: string }

async function open(options: { cookie?: string } = {}): Promise<Held> {
  const terminal = await openTerminal(product, api, host, options)
  const { session, key } = await terminal.waitForWelcome()
  terminal.send("PS1='$ '; bind 'set enable-bracketed-paste off'; stty -echo; echo ready-$((1+1))\n")
  await terminal.waitFor('ready-2')
  return { terminal, session, key }
}

async function resume({ terminal, session, key }: Held, more: { outputOffset?: number; cookie?: string } = {}): Promise<TerminalClient> {
  const { outputOffset = terminal.received, cookie } = more
  return TerminalClient.connect({ url: product.url, resume: { session, key, outputOffset }, ...(cookie === undefined ? {} : { cookie }) })
}

const attach = async (session: string, asked: ApiClient = api) => {
  const { ticket, url } = await asked.call<{ ticket: string; url: string }>('POST', '/tickets', { kind: 'attach', session })
  expect(url).toBe(`/terminal/${session}`)
  return TerminalClient.connect({ url: product.url, ticket, session })
}

const end = async (terminal: TerminalClient) => {
  terminal.send('exit\n')
  await terminal.waitForEnded()
}

/** Writes exactly this many bytes to the terminal, slowly enough for the pace of a session that nobody reads, then says so elsewhere. */
const pour = (bytes: number, done: string) => `sleep 0.3; head -c ${bytes} /dev/zero | tr '\\0' x; echo 1 > ${done}\n`

describe('after a cut network', () => {
  it('brings the exact bytes up to 1 MiB, and a screen with one more', async () => {
    for (const more of [-64, 4096]) {
      const held = await open()
      const flag = `/tmp/poured-${held.session}`
      held.terminal.send(pour(mib + more, flag))
      held.terminal.cut()
      await waitUntil('everything to be poured', () => existsSync(flag), { withinMs: 3500, everyMs: 20 })
      // What the program wrote waits in the host's window, of which 1 MB a second is read.
      await new Promise((resolve) => setTimeout(resolve, 1500))
      const back = await resume(held)
      await back.waitForWelcome()
      if (more < 0) {
        await back.waitFor('x$ ')
        expect(back.screens).toEqual([])
        expect(back.bytes.filter((byte) => byte === 0x78).length).toBe(mib + more)
      } else {
        await waitUntil('a SCREEN', () => back.screens[0])
        expect(back.notices.map((notice) => notice.about?.code)).toContain('bytes_passed')
      }
      back.send('echo still-$((40+2))\n')
      await back.waitFor('still-42')
      back.send(`rm ${flag}\n`)
      await end(back)
    }
  }, 60_000)

  it('has lost nothing and doubled nothing when it is cut again and again in a flood', async () => {
    const held = await open()
    held.terminal.send('seq 1 600000; echo end-$((40+2))\n')
    const parts: Buffer[] = []
    let current = held
    for (let cut = 0; cut < 15; cut += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      current.terminal.cut()
      await current.terminal.waitForClose()
      parts.push(current.terminal.bytes)
      const terminal = await resume(current)
      const { key } = await terminal.waitForWelcome()
      current = { terminal, session: held.session, key }
    }
    const all = () => Buffer.concat([...parts, current.terminal.bytes])
    await waitUntil('the end of it', () => all().subarray(-200).includes('end-42'))
    await end(current.terminal)
    parts.push(current.terminal.bytes)
    const seen = Buffer.concat(parts)
    await waitUntil('the recording to be sealed', async () => (await findSession(api, held.session)).recording?.state === 'intact')
    expect(seen.equals(shownBytes(await download(api, held.session, 'v3')))).toBe(true)
  })

  it('takes input that is sent again once, wherever the line was cut', async () => {
    const held = await open()
    held.terminal.send('cat > /tmp/typed; wc -c < /tmp/typed; md5sum < /tmp/typed; rm /tmp/typed\n')
    const typed = Buffer.from(Array.from({ length: 20_000 }, (_, at) => `key ${at}\n`).join(''))
    let { key } = held
    let { terminal } = held
    const base = terminal.inputOffset
    let sent = 0
    for (let cut = 0; cut < 12; cut += 1) {
      // Sent and not waited for: some of it is lost with the line.
      terminal.send(typed.subarray(sent, Math.min(typed.length, sent + 9000)))
      await new Promise((resolve) => setTimeout(resolve, cut * 2))
      terminal.cut()
      await terminal.waitForClose()
      terminal = await resume({ terminal, session: held.session, key })
      const welcome = await terminal.waitForWelcome()
      key = welcome.key
      sent = welcome.inputOffset - base
      expect(sent).toBeGreaterThanOrEqual(0)
    }
    terminal.send(typed.subarray(sent))
    terminal.send('\x04')
    await terminal.waitFor(`${typed.length}`)
    await terminal.waitFor(createHash('md5').update(typed).digest('hex'))
    await end(terminal)
  })

  it('waits for the grace and no longer; what is typed in time goes on, what comes late hears why', async () => {
    const held = await open()
    held.terminal.cut()
    await new Promise((resolve) => setTimeout(resolve, (graceSeconds - 2) * 1000))
    const back = await resume(held)
    const { key } = await back.waitForWelcome()
    await new Promise((resolve) => setTimeout(resolve, 3500))
    expect((await findSession(api, held.session)).state).toBe('live')
    back.cut()
    await waitUntil('the grace to be over', async () => (await findSession(api, held.session)).endReason === 'owner_gone', {
      withinMs: (graceSeconds + 6) * 1000,
    })
    const late = await resume({ terminal: back, session: held.session, key })
    expect(await late.waitForEnded()).toMatchObject({ reason: 'owner_gone' })
    await waitUntil('the host to be left', () => sshd.sessionPids().length === 0)
    const later = await resume({ terminal: back, session: held.session, key })
    expect(await later.waitForEnded()).toMatchObject({ failure: 'session_not_found' })
    expect((await later.waitForClose()).code).toBe(4004)
  })

  it('hears that an administrator ended it meanwhile', async () => {
    const held = await open()
    held.terminal.cut()
    await held.terminal.waitForClose()
    await api.call('POST', `/sessions/${held.session}/terminate`, { reason: 'lunch' })
    await waitUntil('the end', async () => (await findSession(api, held.session)).endReason === 'terminated')
    const back = await resume(held)
    expect(await back.waitForEnded()).toMatchObject({ reason: 'terminated', message: expect.stringContaining('lunch') as string })
  })
})

describe('keys', () => {
  it('change with every WELCOME; the one before is void once the newest was used', async () => {
    const held = await open()
    const back = await resume(held)
    const { key } = await back.waitForWelcome()
    expect(key).not.toBe(held.key)
    // Its WELCOME is known to have arrived by its ACK.
    back.acknowledge()
    back.send('echo x\n')
    await back.waitFor('x')
    const old = await resume(held)
    expect(await old.waitForEnded()).toMatchObject({ failure: 'session_not_found' })
    await end(back)
  })

  it('are no use to another browser, nor with another session', async () => {
    const held = await open({ cookie: api.cookie })
    const other = await product.signIn()
    for (const cookie of [other.cookie, 'sallyport=stolen', undefined]) {
      const thief = await resume(held, cookie === undefined ? {} : { cookie })
      expect(await thief.waitForEnded()).toMatchObject({ failure: 'session_not_found' })
    }
    const back = await resume(held, { cookie: api.cookie })
    await back.waitForWelcome()
    await end(back)
  })

  it('are void with the sign-in: signing out ends the session, also while nobody is attached', async () => {
    const mine = await product.signIn()
    const terminal = await openTerminal(product, mine, host)
    const { session, key } = await terminal.waitForWelcome()
    terminal.cut()
    await terminal.waitForClose()
    await mine.call('POST', '/sign-out')
    await waitUntil('the session to end', async () => (await findSession(api, session)).endReason === 'revoked', { withinMs: 8000 })
    const back = await resume({ terminal, session, key })
    expect(await back.waitForEnded()).toMatchObject({ reason: 'revoked' })
  })
})

describe('another device', () => {
  it('takes the session over: the newest connection wins, the older is closed with 4001', async () => {
    const held = await open()
    held.terminal.send('echo before-$((1+1))\n')
    await held.terminal.waitFor('before-2')
    const taken = await attach(held.session)
    await taken.waitForWelcome()
    expect((await held.terminal.waitForClose()).code).toBe(4001)
    expect(held.terminal.ended).toBeUndefined()
    await taken.waitFor('before-2')
    taken.send('echo after-$((1+1))\n')
    await taken.waitFor('after-2')
    // The older key went with the older device.
    const old = await resume(held)
    expect(await old.waitForEnded()).toMatchObject({ failure: 'session_not_found' })
    await end(taken)
  })

  it('is refused for what is not live and for what is not one’s own, alike', async () => {
    const held = await open()
    await end(held.terminal)
    for (const session of [held.session, `se_${'a'.repeat(32)}`]) {
      await expect(api.call('POST', '/tickets', { kind: 'attach', session })).rejects.toThrow(/404 session_not_found/)
    }
  })
})

describe('a hidden page', () => {
  it('does not hold the program, and has what it missed when it is seen again', async () => {
    const held = await open()
    const { terminal } = held
    terminal.acknowledges = false
    terminal.hide(true)
    terminal.send('head -c 800000 /dev/zero | tr "\\0" h; echo; echo hidden-$((40+2)) > /tmp/hidden-done\n')
    await waitUntil('the program to have written everything', () => existsSync('/tmp/hidden-done'))
    expect(terminal.received).toBeLessThan(400_000)
    terminal.acknowledges = true
    terminal.hide(false)
    await waitUntil('all of it', () => terminal.bytes.filter((byte) => byte === 0x68).length >= 800_000)
    terminal.send('cat /tmp/hidden-done; rm /tmp/hidden-done\n')
    await terminal.waitFor('hidden-42')
    await end(terminal)
  })
})

it('control is killed: the owner comes back without it', async () => {
  const held = await open()
  for (const pid of product.controlPids()) process.kill(pid, 'SIGKILL')
  held.terminal.cut()
  const back = await resume(held)
  await back.waitForWelcome(3000)
  back.send('echo without-$((40+2))\n')
  await back.waitFor('without-42')
  await end(back)
})

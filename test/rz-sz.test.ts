// `rz` and `sz` in a browser's terminal: Debian's own lrzsz on a real host, the whole product between it and HTTP. Large files and many runs: `test/long/rz-sz.test.ts`.
import { execFileSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TransferState } from '#domain/terminal-transfer.ts'
import { Frame, SubpacketEnd } from '#gateway/zmodem/frame.ts'
import { frameWithData, hexHeader } from '#gateway/zmodem/header-writer.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { dataFrame, fileFrame, writePlay } from './harness/hostile-sz.ts'
import { digestOf, fileOf, TransferPerson } from './harness/rz-sz.ts'
import { openLive, saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { SlowProxy } from './harness/slow-proxy.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

const mib = 1024 * 1024
let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
let folder: Awaited<ReturnType<typeof makeTempFolder>>
let person: TransferPerson
/** Nobody answers this card: it is looked at in the end. */
let unanswered: { person: TransferPerson; card: TransferState; askedMs: number }
const files = new Map<string, Buffer>()

beforeAll(async () => {
  ;[sshd, product, folder] = await Promise.all([startSshd(), startProduct(), makeTempFolder('rz-sz')])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  // The account of the host is another than ours.
  mkdirSync(path.join(folder.path, 'in'))
  for (const each of [folder.path, path.join(folder.path, 'in')]) chmodSync(each, 0o777)
  for (const [name, bytes] of [
    ['empty', 0],
    ['one', 1],
    ['ten.bin', 10 * mib],
    ['with two blanks', 3000],
    ['中文 名字.txt', 70_000],
    ['page.html', 500],
    ['picture.svg', 501],
  ] as const) {
    files.set(name, randomBytes(bytes))
    writeFileSync(path.join(folder.path, name), files.get(name) ?? '')
  }
  execFileSync('truncate', ['-s', '4294967296', path.join(folder.path, 'four-gib')])
  execFileSync('truncate', ['-s', '2000000000', path.join(folder.path, 'long')])
  const waiting = await TransferPerson.open(product, api, host, folder.path)
  unanswered = { person: waiting, card: await waiting.run('rz'), askedMs: performance.now() }
  person = await TransferPerson.open(product, api, host, folder.path)
}, 60_000)
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await folder?.remove()
})

const bytesOf = (name: string): Buffer => files.get(name) ?? Buffer.alloc(0)
type Row = { path: string; way: string; bytes?: number; sha256?: string; verified?: string; outcome: string; rule?: string; failure?: string; atMs?: number }
const rows = async (session: string) => (await api.call<{ items: Row[] }>('GET', `/sessions/${session}/transfers`)).items

describe('sz', () => {
  it('brings a file of any size and name as an attachment that is whole', async () => {
    for (const [name, bytes] of files) {
      const card = await person.run(`sz '${name}'`)
      expect(card).toMatchObject({ way: 'sz', state: 'asked', secondsLeft: 30, files: [] })
      const got = await person.fetch(card.id)
      expect([name, got.status, got.isWhole, got.bytes, got.sha256]).toEqual([name, 200, true, bytes.length, digestOf(bytes)])
      const { headers } = got
      expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff', 'content-length': String(bytes.length) })
      expect([headers['content-security-policy'], headers['cache-control']]).toEqual([expect.stringMatching(/^sandbox/), expect.stringContaining('no-store')])
      expect(headers['content-disposition']).toContain(encodeURIComponent(name).replaceAll('%20', name.includes('文') ? '%20' : ' '))
      const { state, files: told } = await person.final(card.id)
      expect([state, told[0]?.state, told[0]?.sha256, told[0]?.moved]).toEqual(['done', 'done', digestOf(bytes), bytes.length])
      await person.prompt()
    }
  })

  it('offers several one after the other, and all of them as one archive', async () => {
    const names = ['empty', 'one', 'with two blanks', '中文 名字.txt', 'ten.bin']
    const quoted = names.map((name) => `'${name}'`).join(' ')
    const card = await person.run(`sz ${quoted}`)
    for (const [index, name] of names.entries()) {
      if (index > 0) await person.until(card.id, (state) => state.files[index]?.state === 'offered')
      expect((await person.fetch(card.id)).sha256).toBe(digestOf(bytesOf(name)))
    }
    expect(await person.final(card.id)).toMatchObject({ state: 'done', count: 5, files: names.map((name) => ({ name, state: 'done' })) })
    await person.prompt()

    const again = await person.run(`sz ${quoted}`)
    const zip = await person.fetch(again.id, 'zip', { keep: true })
    expect([zip.status, zip.isWhole, zip.headers['content-disposition']]).toEqual([200, true, 'attachment; filename="files.zip"'])
    const archive = path.join(folder.path, 'got.zip')
    writeFileSync(archive, zip.kept)
    for (const name of names)
      expect(digestOf(execFileSync('unzip', ['-p', archive, name], { maxBuffer: 64 * mib, env: { ...process.env, LC_ALL: 'C.UTF-8' } }))).toBe(
        digestOf(bytesOf(name)),
      )
    expect((await person.final(again.id)).state).toBe('done')
    await person.prompt()
  })

  it('is no more than the browser takes of it, and ends with the browser', async () => {
    const card = await person.run('sz ten.bin')
    expect((await person.fetch(card.id, 'next', { cutAfter: mib })).isWhole).toBe(false)
    expect(await person.final(card.id)).toMatchObject({ state: 'cancelled', files: [{ state: 'failed' }] })
    await person.prompt(5000)
    expect((await person.fetch(card.id)).status).toBe(404)
    await waitUntil('the ledger to hear of it', async () =>
      (await rows(person.session)).some(({ outcome, path: name }) => outcome === 'failed' && name === 'ten.bin'),
    )
  })
})

describe('rz', () => {
  it('takes files of any size and name, and says what it did not take', async () => {
    const sent = [...files].map(([name, bytes]) => fileOf(name, bytes))
    const card = await person.run(`cd '${folder.path}/in'; rz`)
    expect(card).toMatchObject({ way: 'rz', state: 'asked', files: [] })
    const final = await person.send(card.id, sent, { folder: path.join(folder.path, 'in'), pieceBytes: 3 * mib })
    expect([final.state, final.moved, final.files.map(({ state, verified }) => `${state} ${verified}`)]).toEqual([
      'done',
      final.bytes,
      sent.map(() => 'done host'),
    ])
    for (const [name, bytes] of files) expect([name, await person.sha256(name)]).toEqual([name, digestOf(bytes)])
    const again = await person.run('rz')
    const kept = await person.send(again.id, [fileOf('one', Buffer.from('2')), fileOf('new', Buffer.from('3'))])
    expect(kept.files).toMatchObject([
      { name: 'one', state: 'skipped' },
      { name: 'new', state: 'done' },
    ])
    expect(await person.sha256('one')).toBe(digestOf(bytesOf('one')))
  })

  it('goes on where the host has a beginning already', async () => {
    const bytes = randomBytes(mib)
    writeFileSync(path.join(folder.path, 'in', 'part'), bytes.subarray(0, 400_000))
    chmodSync(path.join(folder.path, 'in', 'part'), 0o666)
    const card = await person.run('rz -r')
    const final = await person.send(card.id, [fileOf('part', bytes)])
    expect(final).toMatchObject({ state: 'done', files: [{ from: 399_360, state: 'done' }] })
    expect(final.files[0]?.sha256).toBeUndefined()
    expect(await person.sha256('part')).toBe(digestOf(bytes))
  })

  it('takes a piece where it belongs alone', async () => {
    const card = await person.run('rz')
    expect(await person.put(card.id, 0, 0, Buffer.from('early'))).toMatchObject({ status: 409, json: { error: { code: 'conflict' } } })
    person.act({
      act: 'accept',
      id: card.id,
      files: [
        { name: '../../piece', bytes: 10 },
        { name: 'two', bytes: 1 },
      ],
    })
    const state = await person.until(card.id, ({ files: [first] }) => first?.state === 'running')
    expect(state.files[0]).toMatchObject({ name: 'piece', from: 0 })
    expect(await person.put(card.id, 0, 0, Buffer.from('01234'))).toMatchObject({ status: 200, json: { offset: 5 } })
    expect(await person.put(card.id, 0, 7, Buffer.from('789'))).toMatchObject({ status: 409, json: { error: { code: 'offset_wrong', detail: { offset: 5 } } } })
    expect(await person.put(card.id, 0, 5, Buffer.from('567890'))).toMatchObject({ status: 400 })
    expect(await person.put(card.id, 1, 0, Buffer.from('x'))).toMatchObject({ status: 409 })
    expect(await person.put(card.id, 0, 5, Buffer.from('56789'), { 'x-sallyport': '' })).toMatchObject({ status: 403 })
    expect(await person.put(card.id, 0, 5, Buffer.from('56789'))).toMatchObject({ status: 200, json: { offset: 10 } })
    await person.until(card.id, ({ files: [, second] }) => second?.state === 'running')
    person.act({ act: 'cancel', id: card.id })
    expect(await person.final(card.id)).toMatchObject({ state: 'cancelled', files: [{ state: 'done' }, { state: 'failed' }] })
    await person.prompt(5000)
    expect(await person.sha256('piece')).toBe(digestOf(Buffer.from('0123456789')))
  })
})

describe('a transfer that does not come to its end', () => {
  let ten = ''
  beforeAll(() => void (ten = `'${folder.path}/ten.bin'`))
  it('is cancelled from each side, at any moment, and the prompt is back within a second', async () => {
    const endings: Record<string, (id: string) => void> = {
      'the page': (id) => person.act({ act: 'cancel', id }),
      'Ctrl-C': () => person.terminal.send('\x03'),
      'the host': () => undefined,
    }
    const own = (side: string, command: string) =>
      side === 'the host' ? `timeout --foreground 0.7 ${command}; printf '${String.raw`\030`.repeat(8)}'; stty sane -echo` : command
    for (const [side, end] of Object.entries(endings)) {
      const ended = side === 'the host' ? 'failed' : 'cancelled'
      const down = await person.run(own(side, `sz '${folder.path}/long'`))
      const fetching = person.fetch(down.id)
      await person.until(down.id, ({ moved, state }) => moved > randomInt(1, 10 * mib) || state === 'failed')
      end(down.id)
      const endedMs = performance.now()
      expect([side, (await person.final(down.id)).state, (await fetching).isWhole]).toEqual([side, ended, false])
      person.terminal.clear()
      await person.prompt(5000)
      expect(person.terminal.bytes.includes(0)).toBe(false)
      // An rz that is killed leaves what is on its way to whatever reads the terminal next: nobody's client can take that back.
      if (side === 'the host') continue
      expect(performance.now() - endedMs).toBeLessThan(3000)
      const up = await person.run(`cd '${folder.path}/in'; rm -f long; rz`)
      const sending = person.send(up.id, [{ name: 'long', bytes: 2_000_000_000, read: (_from, length) => Buffer.alloc(length) }], { pieceBytes: 500_000 })
      await person.until(up.id, ({ moved }) => moved > randomInt(1, 3 * mib))
      end(up.id)
      expect([side, (await sending).state]).toEqual([side, ended])
      await person.prompt(5000)
    }
  })

  it('never began when it was declined, and nothing is moved', async () => {
    for (const command of [`sz ${ten}`, 'rz']) {
      const card = await person.run(command)
      person.act({ act: 'cancel', id: card.id })
      expect(await person.final(card.id)).toMatchObject({ state: 'cancelled', moved: 0, files: [] })
      await person.prompt(5000)
      const typed = await person.run(command)
      person.terminal.send('\x03')
      expect((await person.final(typed.id)).state).toBe('cancelled')
      await person.prompt(5000)
    }
  })

  it('is refused before it begins where it cannot end well', async () => {
    const down = await person.run(`sz '${folder.path}/four-gib'`)
    const got = await person.fetch(down.id)
    expect([got.status, got.text]).toEqual([413, expect.stringMatching(/file_too_large.*SFTP/)])
    expect(await person.final(down.id)).toMatchObject({ state: 'refused', failure: 'file_too_large', moved: 0 })
    await person.prompt(5000)
    const up = await person.run('rz')
    person.act({ act: 'accept', id: up.id, files: [{ name: 'huge', bytes: 2 ** 32 }] })
    expect(await person.final(up.id)).toMatchObject({ state: 'refused', failure: 'file_too_large', text: expect.stringContaining('SFTP') as string })
    await person.prompt(5000)
  })
})

describe('what the host prints', () => {
  it('is shown as it is, a thousand headers too: nothing is asked and nothing downloaded', async () => {
    const before = person.states.length
    const text = `${Buffer.from(hexHeader(Frame.ZRQINIT)).toString('latin1')}text\n`.repeat(1000)
    writeFileSync(path.join(folder.path, 'headers'), text, 'latin1')
    person.terminal.clear()
    person.terminal.send(`stty -onlcr; cat '${folder.path}/headers'; stty onlcr; echo shown-$((40+2))-\n`)
    await person.terminal.waitFor('shown-42-')
    const shown = person.terminal.bytes.toString('latin1')
    expect(shown.includes(text)).toBe(true)
    expect(person.states.length).toBe(before)
  })

  it('begins a card that goes away when the host says something else, and nothing was said to it', async () => {
    writeFileSync(path.join(folder.path, 'header'), hexHeader(Frame.ZRQINIT))
    const card = await person.run(`cat '${folder.path}/header'; read -rsn 1 -t 20 key; printf 'said:%q-' "$key"; echo`)
    expect(card.state).toBe('asked')
    person.terminal.send('k')
    await person.terminal.waitFor('said:k-')
    expect(await person.final(card.id)).toMatchObject({ state: 'cancelled', moved: 0 })
    expect((await person.fetch(card.id)).status).toBe(404)
    await person.prompt()
  })

  it('has safe names, refuses commands, and lies about nothing for long', async () => {
    const plays: Record<string, { frames: Uint8Array[]; expected: (got: Awaited<ReturnType<TransferPerson['fetch']>>) => unknown[]; wants: unknown[] }> = {
      'a name that leads elsewhere': {
        frames: [fileFrame('../../x/\u001b]0;a\u0007\r\n\u202etxt.html', 5), dataFrame('hello'), hexHeader(Frame.ZEOF, 5), hexHeader(Frame.ZFIN)],
        expected: ({ status, headers, bytes }) => [status, bytes, headers['content-disposition']],
        wants: [200, 5, expect.stringMatching(/^attachment; filename="[^"/\\]*txt\.html"/)],
      },
      'a command': { frames: [frameWithData(Frame.ZCOMMAND, 0, Buffer.from('id\0'), SubpacketEnd.ZCRCW)], expected: ({ status }) => [status], wants: [403] },
      'more than was announced': { frames: [fileFrame('short', 5), dataFrame('hello world')], expected: ({ isWhole }) => [isWhole], wants: [false] },
      'less than was announced': {
        frames: [fileFrame('long', 500), dataFrame('hello'), hexHeader(Frame.ZEOF, 5)],
        expected: ({ isWhole }) => [isWhole],
        wants: [false],
      },
      'no name': { frames: [frameWithData(Frame.ZFILE, 0, Buffer.from('\0'), SubpacketEnd.ZCRCW)], expected: ({ status }) => [status >= 400], wants: [true] },
    }
    for (const [what, { frames, expected, wants }] of Object.entries(plays)) {
      const play = writePlay(folder.path, [hexHeader(Frame.ZRQINIT), ...frames])
      const card = await person.run(`sh '${play}'`)
      expect([what, ...expected(await person.fetch(card.id))]).toEqual([what, ...wants])
      await person.final(card.id)
      await person.prompt()
    }
  })
})
describe('what grants say', () => {
  it('decides each time, and a denial names the grant', async () => {
    const bob = await addOperator(product, 'bob', 'Bob', 'member')
    const people = await api.call<{ items: { id: string; username: string }[] }>('GET', '/operators')
    const operators = people.items.filter(({ username }) => username === 'bob').map(({ id }) => id)
    const grant = (terms: object) => api.call<{ id: string }>('POST', '/grants', { operators, assets: [host.id], accounts: 'all', ...terms })
    await grant({ name: 'Shells', actions: ['shell'] })
    const his = await TransferPerson.open(product, bob, host, folder.path)
    const refused = async (command: string, wanted: object) => {
      const card = await his.run(command)
      expect(await his.final(card.id)).toMatchObject({ state: 'refused', failure: 'file_refused', moved: 0, ...wanted })
      await his.prompt()
    }
    await refused('sz one', { text: 'Downloads are not part of your access to this host.' })
    await refused('rz', { text: 'Uploads are not part of your access to this host.' })
    const paths = await grant({ name: 'Deploys', actions: ['upload', 'download'], paths: ['/srv/app'] })
    await refused('sz one', { rule: 'Deploys', text: expect.stringContaining('/srv/app') as string })
    await api.call('DELETE', `/grants/${paths.id}`)
    await grant({ name: 'Small files', actions: ['upload', 'download'], maxBytes: 1000 })
    const large = await his.run('sz ten.bin')
    expect((await his.fetch(large.id)).status).toBe(403)
    expect(await his.final(large.id)).toMatchObject({ state: 'refused', failure: 'file_refused', rule: 'Small files', moved: 0 })
    await his.prompt()
    const some = await his.run('sz ten.bin one')
    expect((await his.fetch(some.id)).sha256).toBe(digestOf(bytesOf('one')))
    expect(await his.final(some.id)).toMatchObject({
      state: 'done',
      files: [
        { name: 'ten.bin', state: 'failed' },
        { name: 'one', state: 'done' },
      ],
    })
    await his.prompt()
    await waitUntil('the ledger to hear of all', async () => (await rows(his.session)).filter(({ outcome }) => outcome === 'refused').length === 5)
    expect((await rows(his.session)).filter(({ rule }) => rule === 'Small files').map(({ path: name }) => name)).toEqual(['ten.bin', 'ten.bin'])
    // The card is the owner's: nobody else fetches for them.
    const own = await his.run('sz one')
    expect((await api.request('GET', his.path(own.id, 'next'))).status).toBe(404)
    expect(await his.fetch(own.id)).toMatchObject({ status: 200, bytes: 1 })
    his.close()
  })
})

describe('beside a transfer', () => {
  it('a long way to the host changes nothing', async () => {
    const proxy = await SlowProxy.start(sshd.port, 200)
    const far = await saveHost(api, { ...sshd, port: proxy.port }, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'far1' })
    const away = await TransferPerson.open(product, api, far, folder.path)
    const bytes = bytesOf('ten.bin').subarray(0, 2 * mib)
    writeFileSync(path.join(folder.path, 'two.bin'), bytes)
    const down = await away.run('sz two.bin')
    expect((await away.fetch(down.id)).sha256).toBe(digestOf(bytes))
    expect((await away.final(down.id)).state).toBe('done')
    await away.prompt()
    const up = await away.run('cd in; rz -y')
    expect((await away.send(up.id, [fileOf('two.bin', bytes)])).state).toBe('done')
    expect(await away.sha256('two.bin')).toBe(digestOf(bytes))
    const cut = await away.run('sz two.bin')
    void away.fetch(cut.id)
    await away.until(cut.id, ({ moved }) => moved > 0)
    away.act({ act: 'cancel', id: cut.id })
    await away.final(cut.id)
    await away.prompt()
    away.close()
    await proxy.stop()
  })

  it('neither watchers nor the recording see a byte of it, and both go on; the recording says what passed', async () => {
    const own = await TransferPerson.open(product, api, host, folder.path)
    const watcher = await openLive(product, api, 'watch', own.session, { cookie: api.cookie })
    await watcher.waitForWelcome()
    const before = own.terminal.received
    const card = await own.run('sz -b ten.bin')
    expect((await own.fetch(card.id)).sha256).toBe(digestOf(bytesOf('ten.bin')))
    await own.final(card.id)
    own.terminal.send('echo after-$((40+2))-\n')
    await watcher.waitFor('after-42-')
    expect(own.terminal.received - before).toBeLessThan(200)
    expect(watcher.frames.some(({ kind }) => kind === 'transfer')).toBe(false)
    await waitUntil('the ledger to hear of it', async () => (await rows(own.session)).length === 1)
    expect(await rows(own.session)).toMatchObject([
      { way: 'sz', path: 'ten.bin', bytes: 10 * mib, sha256: digestOf(bytesOf('ten.bin')), outcome: 'done', verified: 'protocol' },
    ])
    own.terminal.send('exit\n')
    await own.terminal.waitForEnded()
    const recording = await waitUntil('the recording', async () => {
      const answer = await api.request('GET', `/api/v1/sessions/${own.session}/recording?format=v3`)
      return answer.status === 200 && answer.text.includes('Downloaded with sz') ? answer.text : undefined
    })
    expect(recording.length).toBeLessThan(10_000)
    expect(recording).toContain(`“ten.bin”, ${10 * mib} bytes, SHA-256 ${digestOf(bytesOf('ten.bin'))}`)
    watcher.close()
  })

  it('whoever ends the session ends the transfer, and nothing waits for it', async () => {
    const own = await TransferPerson.open(product, api, host, folder.path)
    const card = await own.run('sz ten.bin')
    const fetching = own.fetch(card.id, 'next', { slow: 1500 })
    await own.until(card.id, ({ moved }) => moved > 0)
    await api.call('POST', `/sessions/${own.session}/terminate`, { reason: 'a test' })
    expect((await fetching).isWhole).toBe(false)
    await own.terminal.waitForEnded()
    expect((await own.fetch(card.id)).status).toBe(404)
    await waitUntil('the ledger to hear of it', async () => (await rows(own.session)).some(({ outcome }) => outcome === 'failed'))
  })
})

it('ends what nobody answers for 30 seconds', async () => {
  const { person: waiting, card, askedMs } = unanswered
  expect(await waiting.final(card.id, 40_000)).toMatchObject({ state: 'cancelled', moved: 0, text: 'Nobody answered.' })
  expect(performance.now() - askedMs).toBeGreaterThan(25_000)
  await waiting.prompt(5000)
}, 60_000)

// Files over HTTP, from outside: a real sshd, the real product with two gateways, whose kernel gives each request to either.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as plainRequest } from 'node:http'

import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import { ApiClient, ApiRefused } from './harness/api-client.ts'
import { codeOf, FilesClient, sha256 } from './harness/files-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
let files: FilesClient
let folder: string

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--log-level', 'debug'] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
  folder = path.join(sshd.home, `files-${process.pid}`)
  mkdirSync(folder)
  if (process.getuid?.() === 0) execFileSync('chown', [sshd.user, folder])
  files = await FilesClient.open(api, host)
}, 60_000)
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => path.join(folder, name)
const acts = async (session = files.session) => (await api.call<{ items: SessionTransferView[] }>('GET', `/sessions/${session}/transfers`)).items

it('opens a session, lists, takes and gives files whole, and writes each down', async () => {
  expect(files.opened).toMatchObject({ kind: 'sftp', home: sshd.home })
  for (const bytes of [0, 1, 3_000_000]) {
    const content = randomBytes(bytes)
    const name = `名 字 ${bytes}.bin`
    expect(await files.upload(at(name), content, { piece: 1_000_000 })).toMatchObject({
      path: at(name),
      bytes,
      sha256: sha256(content),
      verified: 'host',
      from: 0,
    })
    expect(readFileSync(at(name)).equals(content)).toBe(true)
    const answer = await files.content(at(name))
    expect([answer.status, answer.bytes.equals(content), answer.headers['content-length']]).toEqual([200, true, `${bytes}`])
  }
  const { folder: real, entries, total } = await files.list(folder)
  expect([real, total, entries.map(({ name }) => name).sort()]).toEqual([folder, 3, ['名 字 0.bin', '名 字 1.bin', '名 字 3000000.bin']])
  const told = await waitUntil('six acts', async () => ((await acts()).length === 6 ? acts() : undefined))
  expect(told.map(({ way, verified, outcome }) => [way, verified, outcome])).toEqual(Array(6).fill(['web', 'host', 'done']))
  expect(await findSession(api, files.session)).toMatchObject({ state: 'live', kind: 'sftp', door: 'web', bytesIn: expect.any(Number) })
})

it('sends one range of a file, and all of it when it is another one (RFC 9110 section 14)', async () => {
  const content = randomBytes(300_000)
  writeFileSync(at('ranges.bin'), content)
  const head = await api.request('HEAD', files.path('content', { path: at('ranges.bin') }))
  const etag = String(head.headers['etag'])
  expect([head.status, head.headers['content-length'], head.headers['accept-ranges'], head.bytes.length]).toEqual([200, '300000', 'bytes', 0])
  const some = await files.content(at('ranges.bin'), { range: 'bytes=100000-', 'if-range': etag })
  expect([some.status, some.headers['content-range'], some.bytes.equals(content.subarray(100_000))]).toEqual([206, 'bytes 100000-299999/300000', true])
  expect((await files.content(at('ranges.bin'), { range: 'bytes=-5' })).bytes.equals(content.subarray(-5))).toBe(true)
  const beyond = await files.content(at('ranges.bin'), { range: 'bytes=300000-' })
  expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */300000'])
  const other = Buffer.from('another one')
  writeFileSync(at('ranges.bin'), other)
  const whole = await files.content(at('ranges.bin'), { range: 'bytes=100000-', 'if-range': etag })
  expect([whole.status, whole.bytes.equals(other)]).toEqual([200, true])
})

it('lets nothing of a host become a page, whatever its name and content (HTML and SVG downloads)', async () => {
  const names = ['page.html', 'picture.svg', 'a\r\nSet-Cookie: b=c.html', '\u202egnp.html', 'CON', '\x1b]0;evil\x07', '"; filename=x.html']
  for (const name of names) {
    writeFileSync(at(name), '<script>alert(1)</script>')
    const { status, headers, text } = await files.content(at(name))
    expect([status, text, headers['content-type'], headers['x-content-type-options'], headers['set-cookie']]).toEqual([
      200,
      '<script>alert(1)</script>',
      'application/octet-stream',
      'nosniff',
      undefined,
    ])
    expect(headers['content-security-policy']).toMatch(/^sandbox/)
    expect(headers['content-disposition']).toMatch(/^attachment; filename="[\x20-\x7e]*"/)
    expect(headers['cache-control']).toContain('no-store')
  }
  expect((await files.content(at('CON'))).headers['content-disposition']).toBe('attachment; filename="_CON"')
})

it('makes no file under a name that lies about itself, none beyond its bounds, and none of a path that is none', async () => {
  const before = readdirSync(folder).sort()
  for (const name of ['a\0b', 'a\nb', 'a\r', '\x1b[31m', 'txt\u202egnp.exe', 'x'.repeat(300)]) {
    expect(await codeOf(files.start(at(name), 3))).toBe('file_name_unsafe')
    expect(await codeOf(files.post('folder', { path: at(name) }))).toBe('file_name_unsafe')
    expect(await codeOf(files.post('rename', { from: at('CON'), to: at(name) }))).toBe('file_name_unsafe')
  }
  expect(await codeOf(files.start('x'.repeat(5000), 3))).toBe('bad_request')
  expect(await codeOf(files.start(at('a/../../../../../../nowhere/x'), 3))).toBe('file_not_found')
  expect(await codeOf(files.start(at('half \ud800'), 3))).toBe('file_name_unsafe')
  expect(readdirSync(folder).sort()).toEqual(before)
  // Not a refusal: it is where it says it is.
  expect((await files.upload(at('sub/../x'), Buffer.from('x'))).path).toBe(at('x'))
})

it('believes no size: what is more is not taken, what is less is not finished', async () => {
  const { upload, offset } = await files.start(at('sized'), 1000)
  expect(offset).toBe(0)
  expect((await files.put(upload, 0, Buffer.alloc(1001))).json).toMatchObject({ error: { code: 'bad_request' } })
  expect((await files.put(upload, 500, Buffer.alloc(10))).json).toMatchObject({ error: { code: 'offset_wrong', detail: { offset: 0 } } })
  expect((await files.put(upload, 0, Buffer.alloc(400))).json).toEqual({ offset: 400 })
  expect(await codeOf(files.finish(upload))).toBe('offset_wrong')
  expect((await files.put(upload, 400, Buffer.alloc(16 * 1024 * 1024 + 1))).status).toBe(413)
  expect((await files.put(upload, 400, Buffer.alloc(600))).json).toEqual({ offset: 1000 })
  expect(existsSync(at('sized'))).toBe(false)
  expect(await files.finish(upload)).toMatchObject({ bytes: 1000 })
  // Who did not hear the answer asks again.
  expect(await files.finish(upload)).toMatchObject({ bytes: 1000 })
  expect(await codeOf(files.start(at('sized'), 5))).toBe('file_exists')
  const given = await files.start(at('given up'), 1000)
  await files.put(given.upload, 0, Buffer.alloc(400))
  await api.call('DELETE', files.path(`uploads/${given.upload}`).slice('/api/v1'.length))
  expect((await files.put(given.upload, 400, Buffer.alloc(600))).json).toMatchObject({ error: { code: 'transfer_not_found' } })
  expect(readdirSync(folder).filter((name) => name.includes('given up'))).toEqual([])
})

it('goes on with an upload that was interrupted, in another session', async () => {
  const content = randomBytes(12_000_000)
  const mtime = Date.now()
  const first = await FilesClient.open(api, host)
  const { upload } = await first.start(at('resumed'), content.length, { mtime })
  expect((await first.put(upload, 0, content.subarray(0, 8_000_000))).json).toEqual({ offset: 8_000_000 })
  const cut = putting(first, upload, 8_000_000, content.subarray(8_000_000, 9_000_000))
  await waitUntil('what came to count', async () => (await first.transfers())[0]?.moved === 9_000_000)
  cut.cut()
  // A line that hangs gives way to the next one of the same sender.
  const hangs = putting(first, upload, 9_000_000, content.subarray(9_000_000, 9_500_000))
  await waitUntil('the half of a piece', async () => (await first.transfers())[0]?.moved === 9_500_000)
  expect((await first.put(upload, 9_500_000, content.subarray(9_500_000, 9_600_000))).json).toEqual({ offset: 9_600_000 })
  await hangs.whenClosed
  await first.close()
  expect(existsSync(at('resumed'))).toBe(false)
  const done = await files.upload(at('resumed'), content, { mtime })
  expect(done).toMatchObject({ sha256: sha256(content), verified: 'host' })
  // What the host may have lost of what it had not answered is sent again: 4 MiB.
  expect(done.from).toBeGreaterThan(4_000_000)
  expect(readFileSync(at('resumed')).equals(content)).toBe(true)
  expect(readdirSync(folder).filter((name) => name.endsWith('.sallyport-part'))).toEqual([])
})

it('changes names, folders and rights, and follows no link when it removes', async () => {
  await files.post('folder', { path: at('made') })
  await files.upload(at('made/one'), Buffer.from('1'))
  await files.upload(at('made/two'), Buffer.from('2'))
  symlinkSync(folder, at('made/link'))
  expect(await codeOf(files.post('rename', { from: at('made/one'), to: at('made/two') }))).toBe('file_exists')
  await files.post('rename', { from: at('made/one'), to: at('made/two'), overwrite: true })
  expect(readFileSync(at('made/two'), 'utf8')).toBe('1')
  await files.post('mode', { path: at('made/two'), mode: 0o640 })
  expect(statSync(at('made/two')).mode & 0o7777).toBe(0o640)
  expect((await files.stat(at('made/link'))).entry).toMatchObject({ kind: 'link', leadsTo: 'folder' })
  expect(await codeOf(files.post('remove', { path: at('made') }))).toBe('conflict')
  await files.post('remove', { path: at('made'), recursive: true })
  expect([existsSync(at('made')), existsSync(at('x'))]).toEqual([false, true])
})

it('puts folders into one zip, and says in it what was left out', async () => {
  mkdirSync(at('tree/深 い'), { recursive: true })
  const content = randomBytes(1_500_000)
  writeFileSync(at('tree/深 い/big.bin'), content)
  writeFileSync(at('tree/a\nb'), 'odd')
  symlinkSync('/etc/passwd', at('tree/passwd'))
  const answer = await files.get('archive', { path: [at('tree'), at('x'), at('nowhere')] })
  expect([answer.status, answer.headers['content-disposition']]).toEqual([200, 'attachment; filename="files.zip"'])
  writeFileSync(at('got.zip'), answer.bytes)
  execFileSync('unzip', ['-q', '-o', at('got.zip'), '-d', at('unzipped')], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  expect(readFileSync(at('unzipped/tree/深 い/big.bin')).equals(content)).toBe(true)
  expect(readFileSync(at('unzipped/tree/a_b'), 'utf8')).toBe('odd')
  expect(existsSync(at('unzipped/tree/passwd'))).toBe(false)
  const leftOut = readFileSync(at('unzipped/LEFT-OUT.txt'), 'utf8')
  expect(leftOut).toContain(`${at('tree/passwd')}: It is a link.`)
  expect(leftOut).toContain(at('nowhere'))
})

it('answers nobody but its owner, and to others as if it were not there', async () => {
  const eve = await addOperator(product, 'eve', 'Eve', 'member')
  const asked = files.path('stat', { path: folder })
  const nobody = files.path('stat', { path: folder }).replace(files.session, `${files.session.slice(0, -4)}aaaa`)
  const [foreign, absent] = [await eve.request('GET', asked), await eve.request('GET', nobody)]
  expect([foreign.status, foreign.json]).toEqual([404, absent.json])
  expect((await product.api().request('GET', asked)).json).toMatchObject({ error: { code: 'unauthenticated' } })
  const change = (headers: Record<string, string | undefined>) => api.request('POST', files.path('folder'), { body: { path: at('forged') }, headers })
  expect((await change({ 'x-sallyport': undefined })).json).toMatchObject({ error: { code: 'csrf_header_missing' } })
  expect((await change({ origin: 'https://evil.example' })).json).toMatchObject({ error: { code: 'origin_not_allowed' } })
  expect((await change({ host: 'evil.example' })).status).toBe(421)
  expect((await api.request('GET', asked, { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  expect((await api.request('GET', asked.replace('stat', 'nothing'))).status).toBe(404)
  const wrong = await api.request('DELETE', asked)
  expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET'])
  expect(existsSync(at('forged'))).toBe(false)
})

it('holds every act to the grants, on the paths that the host itself resolves, and names the grant', async () => {
  for (const name of ['jail', 'jail/below', 'outside']) mkdirSync(at(name), { mode: 0o777 })
  for (const name of ['jail', 'jail/below', 'outside']) chmodSync(at(name), 0o777)
  writeFileSync(at('outside/secret'), 'secret')
  symlinkSync(at('outside'), at('jail/way out'))
  symlinkSync(at('outside/secret'), at('jail/link'))
  symlinkSync(at('jail'), at('way in'))
  const bob = await addOperator(product, 'bob', 'Bob', 'member')
  const { items } = await api.call<{ items: { id: string }[] }>('GET', '/operators?q=bob')
  const grant = (name: string, actions: string[], more: object) =>
    api.call<{ id: string }>('POST', '/grants', { name, operators: [items[0]?.id], assets: [host.id], accounts: 'all', actions, ...more })
  const { id } = await grant('releases', ['upload'], { paths: [at('jail')], maxBytes: 1000 })
  await grant('all of it out', ['download'], { paths: [at('jail')] })
  const own = await FilesClient.open(bob, host)
  expect(own.opened.rules.map(({ name }) => name).sort()).toEqual(['all of it out', 'releases'])
  const refused = async (asked: Promise<unknown>) => {
    const error = (await asked.catch((cause: unknown) => cause)) as { code?: string; message?: string }
    return [error?.code, /“(.*)”/.exec(error?.message ?? '')?.[1]]
  }
  expect(await own.upload(at('jail/below/fits'), Buffer.alloc(1000))).toMatchObject({ verified: 'host' })
  expect(await refused(own.start(at('jail/large'), 1001))).toEqual(['file_refused', 'releases'])
  for (const way of ['outside/x', 'jail/../outside/x', 'jail/way out/x']) expect(await refused(own.start(at(way), 3))).toEqual(['file_refused', 'releases'])
  expect(await refused(own.start(at('jail/link'), 3, { overwrite: true }))).toEqual(['file_refused', 'releases'])
  expect(await refused(own.post('rename', { from: at('jail/below/fits'), to: at('jail/way out/fits') }))).toEqual(['file_refused', 'releases'])
  expect(await refused(own.post('rename', { from: at('outside/secret'), to: at('jail/mine') }))).toEqual(['file_refused', 'releases'])
  expect(await refused(own.post('remove', { path: at('jail/way out/secret') }))).toEqual(['file_refused', 'releases'])
  // A link outside that leads in: what would go is outside.
  expect(await refused(own.post('remove', { path: at('way in') }))).toEqual(['file_refused', 'releases'])
  expect(await refused(own.post('mode', { path: at('jail/link'), mode: 0o777 }))).toEqual(['file_refused', 'releases'])
  expect(await refused(own.post('folder', { path: at('jail/way out/new') }))).toEqual(['file_refused', 'releases'])
  const out = await own.content(at('jail/link'))
  expect([out.status, out.json]).toMatchObject([403, { error: { code: 'file_refused', detail: { why: 'path', rule: 'all of it out', paths: [at('jail')] } } }])
  expect((await own.content(at('way in/below/fits'))).bytes.length).toBe(1000)
  const zip = (await own.get('archive', { path: [at('jail'), at('outside')] })).text
  expect([zip.includes('secret: The grant “all of it out” permits'), zip.includes('jail/below/fits')]).toEqual([true, true])
  expect((await own.list(at('jail'))).total).toBe(3)
  expect([readFileSync(at('outside/secret'), 'utf8'), readdirSync(at('outside')), existsSync(at('way in'))]).toEqual(['secret', ['secret'], true])
  const told = await waitUntil('the refusals in the ledger', async () => {
    const all = (await acts(own.session)).filter(({ outcome }) => outcome === 'refused')
    return all.length === 13 ? all : undefined
  })
  expect(new Set(told.map(({ rule }) => rule))).toEqual(new Set(['releases', 'all of it out']))
  // Less is permitted: the session ends.
  await api.call('DELETE', `/grants/${id}`)
  await waitUntil('its end', async () => (await findSession(api, own.session)).endReason === 'revoked')
  expect((await own.get('transfers', {})).status).toBe(404)
})

it('serves a program by its token, and ends with it', async () => {
  const { id, token } = await api.call<{ id: string; token: string }>('POST', '/tokens', { name: 'files' })
  const program = new ApiClient(product.url, token)
  const own = await FilesClient.open(program, host)
  await own.upload(at('by a program'), Buffer.from('program'))
  expect((await api.request('GET', own.path('stat', { path: folder }))).status).toBe(404)
  await waitUntil('its act', async () => (await acts(own.session)).some(({ way, outcome }) => way === 'api' && outcome === 'done'))
  await api.call('DELETE', `/tokens/${id}`)
  await waitUntil('its end', async () => (await own.get('transfers', {})).status === 404)
})

it('cuts what runs when somebody ends the session, and writes it down', async () => {
  const own = await FilesClient.open(api, host)
  execFileSync('truncate', ['-s', '3G', at('large')])
  const began = own.content(at('large'), { connection: 'close' }).then(
    () => 'whole',
    () => 'cut',
  )
  await waitUntil('it to run', async () => ((await own.transfers())[0]?.moved ?? 0) > 0)
  const startedMs = performance.now()
  await api.call('POST', `/sessions/${own.session}/terminate`, { reason: 'enough' })
  expect(await began).toBe('cut')
  expect(performance.now() - startedMs).toBeLessThan(3000)
  await waitUntil('its end', async () => (await findSession(api, own.session)).endReason === 'terminated')
  const [act] = await acts(own.session)
  expect(act).toMatchObject({ outcome: 'failed', failure: expect.stringContaining('enough') })
  expect((await own.get('transfers', {})).status).toBe(404)
  rmSync(at('large'))
})

it('removes what the host does not have as it was sent, and says so', async () => {
  // What goes into this host and out of it is altered on the way.
  const script = at('altering.sh')
  const alter = (from: string, to: string) => `perl -e 'while (sysread STDIN, $b, 65536) { $b =~ s/${from}/${to}/g; syswrite STDOUT, $b }'`
  const altered = `${alter('INTO-IT', 'into-it')} | /usr/lib/openssh/sftp-server | ${alter('OUT-OF-IT', 'out-of-it')}`
  writeFileSync(script, `#!/bin/sh\ncase "$SSH_ORIGINAL_COMMAND" in\ninternal-sftp*) ${altered};;\n*) exec sh -c "$SSH_ORIGINAL_COMMAND";;\nesac\n`)
  chmodSync(script, 0o755)
  const bad = await startSshd({ config: [`ForceCommand ${script}`] })
  try {
    const saved = await saveHost(api, bad, { kind: 'key', privateKey: bad.userKeys.ed25519.privateKey })
    const own = await FilesClient.open(api, saved)
    expect(await codeOf(own.upload(at('altered'), Buffer.from('INTO-IT')))).toBe('file_digest_differs')
    expect(readdirSync(folder).filter((name) => name.includes('altered'))).toEqual([])
    expect((await own.transfers())[0]).toMatchObject({ state: 'failed', failure: 'file_digest_differs', verified: 'differs' })
    expect(await own.upload(at('unaltered'), Buffer.from('as it is'))).toMatchObject({ verified: 'host' })
    writeFileSync(at('altered out'), 'OUT-OF-IT')
    expect((await own.content(at('altered out'))).json).toMatchObject({ error: { code: 'file_digest_differs' } })
    // What has begun never looks whole: the last piece does not come.
    writeFileSync(at('altered out'), Buffer.concat([Buffer.alloc(500_000), Buffer.from('OUT-OF-IT')]))
    await expect(own.content(at('altered out'))).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect((await own.transfers())[0]).toMatchObject({ direction: 'download', failure: 'file_digest_differs' })
    await own.close()
  } finally {
    await bad.stop()
  }
})

it('says that the host’s disk is full, and leaves nothing there', async () => {
  mkdirSync(at('disk'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=777', 'tmpfs', at('disk')])
  try {
    expect(await codeOf(files.upload(at('disk/large'), randomBytes(5_000_000)))).toBe('host_disk_full')
    const { upload } = await files.start(at('disk/late'), 3_500_000)
    writeFileSync(at('disk/ballast'), Buffer.alloc(2_000_000))
    const outcome = await codeOf(
      (async () => {
        for (let offset = 0; offset < 3_500_000; offset += 500_000) {
          const answer = await files.put(upload, offset, Buffer.alloc(500_000))
          if (answer.status !== 200) throw new ApiRefused('PUT', answer)
        }
        await files.finish(upload)
      })(),
    )
    expect(outcome).toBe('host_disk_full')
    await waitUntil('nothing to be left', () => readdirSync(at('disk')).join() === 'ballast')
  } finally {
    execFileSync('umount', ['-l', at('disk')])
  }
})

it('uses the terminal beside it where only the person can sign in', async () => {
  const asking = await saveHost(api, sshd, { kind: 'ask' }, { name: 'asking' })
  expect(await codeOf(FilesClient.open(api, asking))).toBe('credential_missing')
  const terminal = await openTerminal(product, api, asking, { cookie: api.cookie })
  terminal.answer(await terminal.waitForPrompt(), [sshd.password ?? ''])
  const { session } = await terminal.waitForWelcome()
  const beside = await FilesClient.open(api, { session })
  await beside.upload(at('beside'), Buffer.from('beside'))
  expect(readFileSync(at('beside'), 'utf8')).toBe('beside')
  await beside.close()
  // Its connection is the terminal's, and stays.
  terminal.send('echo still-$((40+2))\n')
  await terminal.waitFor('still-42')
  terminal.send('exit\n')
  await terminal.waitForEnded()
})

it('was relayed by the gateway that was not asked', () => {
  expect(product.stderr()).toContain('a request about files is relayed')
})

/** A piece that is announced as longer than what comes of it. */
function putting(client: FilesClient, upload: string, offset: number, piece: Buffer): { cut: () => void; whenClosed: Promise<void> } {
  const { hostname, port } = new URL(product.url)
  const sent = plainRequest({
    host: hostname,
    port,
    method: 'PUT',
    path: `${client.path(`uploads/${upload}`)}?offset=${offset}`,
    headers: { cookie: api.cookie, 'x-sallyport': '1', 'content-length': piece.length + 500_000 },
    agent: false,
  })
  sent.write(piece)
  return { cut: () => sent.destroy(), whenClosed: new Promise((resolve) => sent.on('error', () => undefined).on('close', resolve)) }
}

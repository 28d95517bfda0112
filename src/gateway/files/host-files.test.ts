import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileEntry } from '#wire/files.ts'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { accountFolder, never, openFiles, type OpenedFiles } from './host-files.fixture.ts'
import type { HostFiles } from './host-files.ts'

let sshd: TestSshd
let opened: OpenedFiles
let files: HostFiles
let folder: Awaited<ReturnType<typeof accountFolder>>
beforeAll(async () => {
  sshd = await startSshd()
  opened = await openFiles(sshd)
  files = opened.files
  folder = await accountFolder(sshd)
}, 60_000)
afterAll(async () => {
  opened?.close()
  await folder?.remove()
  await sshd?.stop()
})

const at = (...names: string[]) => path.join(folder.path, ...names)
async function made(name: string): Promise<string> {
  mkdirSync(at(name))
  await folder.own(at(name))
  return at(name)
}
async function entriesOf(place: string): Promise<Map<string, FileEntry>> {
  const all = new Map<string, FileEntry>()
  await files.list(place, (entries) => void entries.forEach((each) => all.set(each.name, each)), never)
  return all
}

describe('a listing', () => {
  it('tells kinds, sizes, owners, rights, links and where they lead, and names of every kind', async () => {
    const place = await made('list')
    writeFileSync(path.join(place, '报告 one.txt'), 'hello')
    chmodSync(path.join(place, '报告 one.txt'), 0o4640)
    mkdirSync(path.join(place, 'folder'))
    symlinkSync('folder', path.join(place, 'to-folder'))
    symlinkSync('/nowhere', path.join(place, 'to-nothing'))
    symlinkSync('a'.repeat(20), path.join(place, 'loop'))
    execFileSync('mkfifo', [path.join(place, 'pipe')])
    writeFileSync(Buffer.concat([Buffer.from(`${place}/`), Buffer.of(0xff, 0x41)]), '')
    const all = await entriesOf(place)
    expect(all.get('报告 one.txt')).toEqual({
      name: '报告 one.txt',
      isUsable: true,
      kind: 'file',
      bytes: 5,
      mtime: expect.any(Number) as number,
      mode: 0o4640,
      owner: 'root',
      group: 'root',
    })
    expect(all.get('folder')).toMatchObject({ kind: 'folder', isUsable: true })
    expect(all.get('to-folder')).toMatchObject({ kind: 'link', target: 'folder', leadsTo: 'folder' })
    expect(all.get('to-nothing')).toMatchObject({ kind: 'link', target: '/nowhere', leadsTo: 'nothing' })
    expect(all.get('pipe')).toMatchObject({ kind: 'other' })
    expect(all.get('\ufffdA')).toMatchObject({ isUsable: false })
    expect(all.size).toBe(7)
  })

  it('of a folder with nothing in it, of none, and of a file', async () => {
    const place = await made('empty')
    expect(await files.list(place, () => expect.unreachable(), never)).toEqual({ folder: place, total: 0, isTruncated: false })
    await expect(files.list(at('none'), () => {}, never)).rejects.toMatchObject({ code: 'file_not_found' })
    writeFileSync(at('plain'), '')
    await expect(files.list(at('plain'), () => {}, never)).rejects.toMatchObject({
      code: expect.stringMatching(/^(file_not_found|host_file_error)$/) as string,
    })
  })

  it('of 20,000 entries comes in batches, no faster than they are taken, and stops when asked', async () => {
    const place = await made('many')
    execFileSync('sh', ['-c', 'seq -f file-%g 20000 | xargs touch'], { cwd: place })
    let batches = 0
    let isTaking = false
    const all = new Set<string>()
    const { total, isTruncated } = await files.list(
      place,
      async (entries) => {
        expect(isTaking).toBe(false)
        isTaking = true
        await new Promise((resolve) => setImmediate(resolve))
        for (const { name } of entries) all.add(name)
        batches += 1
        isTaking = false
      },
      never,
    )
    expect([total, isTruncated, all.size]).toEqual([20_000, false, 20_000])
    expect(batches).toBeGreaterThan(10)
    const stop = new AbortController()
    let heard = 0
    const stopped = files.list(
      place,
      () => {
        heard += 1
        stop.abort(new Error('enough'))
      },
      stop.signal,
    )
    await expect(stopped).rejects.toThrow('enough')
    expect(heard).toBe(1)
    expect(await files.real('/')).toBe('/')
  })
})

describe('paths', () => {
  it('are judged as the host resolves them', async () => {
    const place = await made('jail')
    symlinkSync('/etc', path.join(place, 'out'))
    symlinkSync('/etc/passwd', path.join(place, 'one'))
    expect(await files.real(`${place}/out/passwd`)).toBe('/etc/passwd')
    expect(await files.real(`${place}/one`)).toBe('/etc/passwd')
    expect(await files.place(`${place}/one`)).toBe(`${place}/one`)
    expect(await files.place(`${place}/out/passwd`)).toBe('/etc/passwd')
    expect(await files.real(`${place}/not/../new`)).toBe(`${place}/new`)
    expect(await files.real('~'.slice(1) || '.')).toBe(files.home)
    expect(await files.real('.')).toBe(sshd.home)
    expect((await files.stat(`${place}/one`)).entry).toMatchObject({ kind: 'link', leadsTo: 'file' })
    expect((await files.stat(`${place}/one`)).path).toBe('/etc/passwd')
    expect(await files.stat('/')).toMatchObject({ path: '/', entry: { kind: 'folder' } })
  })

  it.each(['a\0b', '\ud800', 'x/'.repeat(3000)])('that no file can have are refused before a host sees them (%#)', async (name) => {
    await expect(files.real(at(name))).rejects.toMatchObject({ code: 'file_name_unsafe' })
    await expect(files.stat(at(name))).rejects.toMatchObject({ code: 'file_name_unsafe' })
    expect(files.gone.aborted).toBe(false)
  })

  it.each(['a\r\nb', '\x1b[2J', 'photo\u202egnp.exe', '\u0085', 'x'.repeat(300), 'x'.repeat(5000)])(
    'that lie where they are read are not made (%#)',
    async (name) => {
      await expect(files.makeFolder(at(name))).rejects.toMatchObject({ code: 'file_name_unsafe' })
      await expect(files.startUpload({ path: at(name), bytes: 1, overwrite: false, permitted: () => {} }, never)).rejects.toMatchObject({
        code: 'file_name_unsafe',
      })
      writeFileSync(at('to-be-renamed'), '')
      await expect(files.rename(at('to-be-renamed'), at(name), false)).rejects.toMatchObject({ code: 'file_name_unsafe' })
    },
  )
})

describe('changes', () => {
  it('makes folders once, and says what is in the way', async () => {
    await files.makeFolder(at('made'))
    expect(statSync(at('made')).isDirectory()).toBe(true)
    await expect(files.makeFolder(at('made'))).rejects.toMatchObject({ code: 'file_exists' })
    await expect(files.makeFolder(at('no', 'such'))).rejects.toMatchObject({ code: 'file_not_found' })
    await expect(files.makeFolder('/made')).rejects.toMatchObject({ code: 'file_denied' })
  })

  it('renames, over another file only when told to', async () => {
    const place = await made('renames')
    for (const name of ['one', 'two']) writeFileSync(path.join(place, name), name)
    mkdirSync(path.join(place, 'folder'))
    await expect(files.rename(`${place}/one`, `${place}/two`, false)).rejects.toMatchObject({ code: 'file_exists' })
    await expect(files.rename(`${place}/one`, `${place}/folder`, true)).rejects.toMatchObject({ code: 'file_exists' })
    expect(readFileSync(`${place}/two`, 'utf8')).toBe('two')
    await files.rename(`${place}/one`, `${place}/two`, true)
    expect(readFileSync(`${place}/two`, 'utf8')).toBe('one')
    await files.rename(`${place}/folder`, `${place}/三', "folder"`, false)
    expect(readdirSync(place).sort()).toEqual(['two', `三', "folder"`].sort())
    await expect(files.rename(`${place}/gone`, `${place}/new`, false)).rejects.toMatchObject({ code: 'file_not_found' })
  })

  it('sets rights, of what a link leads to', async () => {
    const place = await made('rights')
    writeFileSync(`${place}/file`, '')
    await folder.own(`${place}/file`)
    symlinkSync('file', `${place}/link`)
    await files.setMode(`${place}/link`, 0o600)
    expect(statSync(`${place}/file`).mode & 0o7777).toBe(0o600)
    await expect(files.setMode('/etc/passwd', 0o666)).rejects.toMatchObject({ code: 'file_denied' })
  })

  it('removes a folder with all that is in it, follows no link, and takes names in every encoding', async () => {
    const place = await made('tree')
    const outside = await made('outside')
    writeFileSync(`${outside}/keep`, 'keep')
    execFileSync(
      'sh',
      [
        '-c',
        `mkdir -p a/b/c && for i in $(seq 150); do : >"a/b/f $i"; done && ln -s ../../../outside a/b/link && ln -s /etc a/etc && : >"$(printf 'a/\\377')" && mkdir "$(printf 'a/\\376')"`,
      ],
      { cwd: place },
    )
    execFileSync('chown', ['-R', sshd.user, place])
    await expect(files.remove(`${place}/a`, { recursive: false })).rejects.toMatchObject({ code: 'conflict' })
    const heard: number[] = []
    const { removed } = await files.remove(`${place}/a`, { recursive: true, progress: (count) => void heard.push(count) })
    expect(removed).toBe(150 + 2 + 2 + 3)
    expect(heard.at(-1)).toBe(removed)
    expect(existsSync(`${place}/a`)).toBe(false)
    expect(readFileSync(`${outside}/keep`, 'utf8')).toBe('keep')
    symlinkSync(outside, `${place}/link`)
    await files.remove(`${place}/link`, { recursive: true })
    expect(existsSync(`${outside}/keep`)).toBe(true)
    await expect(files.remove(files.home, { recursive: true })).rejects.toMatchObject({ code: 'file_denied' })
    await expect(files.remove('/', { recursive: true })).rejects.toMatchObject({ code: 'file_denied' })
  })

  it('goes no more than a hundred folders deep, and stops when asked', async () => {
    const place = await made('deep')
    execFileSync('sh', ['-c', `p=.; for i in $(seq 110); do p=$p/d; done; mkdir -p $p`], { cwd: place })
    execFileSync('chown', ['-R', sshd.user, place])
    await expect(files.remove(`${place}/d`, { recursive: true })).rejects.toMatchObject({ code: 'too_many_files' })
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    await expect(files.remove(`${place}/d`, { recursive: true, signal: stop.signal })).rejects.toThrow('enough')
    expect(lstatSync(`${place}/d`).isDirectory()).toBe(true)
  })
})

describe('the end', () => {
  it('comes for everything that waits, when it is closed and when the connection goes', async () => {
    const closed = await openFiles(sshd)
    const listing = closed.files.list('/usr/share', () => new Promise((resolve) => setTimeout(resolve, 5)), never)
    closed.files.close()
    await expect(listing).rejects.toMatchObject({ code: 'host_protocol_error' })
    await expect(closed.files.stat('/')).rejects.toMatchObject({ code: 'host_protocol_error' })
    closed.close()
    const cut = await openFiles(sshd)
    const waiting = Promise.all(Array.from({ length: 500 }, () => cut.files.stat('/')))
    cut.connection.close()
    await expect(waiting).rejects.toThrow(/closed|ended/)
    expect(cut.files.gone.aborted).toBe(true)
  })

  it('does more at once than the host is asked at once, and bounds what waits', async () => {
    const stats = await Promise.all(Array.from({ length: 1000 }, () => files.stat('/')))
    expect(stats.every(({ path: place }) => place === '/')).toBe(true)
    const many = await Promise.allSettled(Array.from({ length: 6000 }, () => files.real('/')))
    expect(many.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(4000)
    expect(many.find((each) => each.status === 'rejected')?.reason).toMatchObject({ code: 'rate_limited' })
  })
})

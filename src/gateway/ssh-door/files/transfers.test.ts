// Files through the door with Debian's own clients, and what the ledger is told of them.
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../../../test/harness/sshd.ts'
import { waitUntil } from '../../../../test/harness/wait.ts'
import { type Ran, runProgram, startPassageDoor } from '../passage-door.fixture.ts'

let sshd: TestSshd
let stand: Awaited<ReturnType<typeof startPassageDoor>>
let here: string
let far: string
const made: string[] = []
const content = Buffer.alloc(3_000_001, 'some bytes of a file\n')
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
beforeAll(async () => {
  sshd = await startSshd()
  stand = await startPassageDoor(sshd)
  here = path.join(stand.door.folder, 'here')
  mkdirSync(path.join(here, 'tree/leaf'), { recursive: true })
  writeFileSync(path.join(here, 'file'), content)
  writeFileSync(path.join(here, 'empty'), '')
  writeFileSync(path.join(here, 'tree/leaf/a b'), 'leaf')
}, 60_000)
afterAll(async () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
  await stand?.close()
  await sshd?.stop()
})
beforeEach(() => {
  far = mkdtempSync(path.join(sshd.home, 'far-'))
  made.push(far)
  // The account there need not be ours.
  chmodSync(far, 0o777)
  stand.acts.length = 0
  stand.settings.may = ['upload', 'download']
})
const remote = (name: string) => `127.0.0.1:${path.join(far, name)}`
const local = (name: string) => path.join(here, name)
const rsync = (args: string[]): Promise<Ran> => runProgram('rsync', ['-e', ['ssh', ...stand.flags].join(' '), ...args], undefined, stand.door.folder)
const sftp = (batch: string) => stand.run('sftp', ['-b', '-', '127.0.0.1'], Buffer.from(batch))
/** What was told, once so much was. */
const told = async (count: number) => {
  await waitUntil(`${count} acts`, () => stand.acts.length >= count)
  return stand.acts.map((act) => (act.act === 'file' ? { ...act, at: 0 } : act))
}
const whole = (bytes: Uint8Array) => ({ bytes: bytes.length, sha256: digest(bytes), outcome: 'done' })

describe('files through the door', () => {
  it.each([
    ['sftp', ['scp']],
    ['scp', ['scp', '-O']],
  ])('by %s are told with size and digest, both ways', async (way, [program = '', ...flags]) => {
    expect((await stand.run(program, [...flags, local('file'), remote('copy')])).code).toBe(0)
    expect((await stand.run(program, [...flags, local('empty'), remote('empty')])).code).toBe(0)
    expect((await stand.run(program, [...flags, remote('copy'), local('back')])).code).toBe(0)
    expect((await stand.run(program, [...flags, remote('nothing'), local('x')])).code).toBe(1)
    expect(readFileSync(local('back')).equals(content)).toBe(true)
    const failed = way === 'sftp' ? [] : [{ deed: 'download', path: path.join(far, 'nothing'), outcome: 'failed' }]
    expect(await told(3 + failed.length)).toMatchObject([
      { way, deed: 'upload', path: `${path.join(far, 'copy')}${way === 'scp' ? ' ← file' : ''}`, ...whole(content) },
      { way, deed: 'upload', path: path.join(far, 'empty'), ...whole(Buffer.alloc(0)) },
      { way, deed: 'download', path: path.join(far, 'copy'), ...whole(content) },
      ...failed,
    ])
  })

  it.each([['scp'], ['scp -O']])('by %s as whole folders are told with their paths', async (line) => {
    const [program = '', ...flags] = line.split(' ')
    expect((await stand.run(program, [...flags, '-rp', local('tree'), remote('')])).code).toBe(0)
    expect((await stand.run(program, [...flags, '-rp', remote('tree'), local(`back-${flags.length}`)])).code).toBe(0)
    await waitUntil('both', () => stand.acts.filter((act) => act.act === 'file' && act.sha256 !== undefined).length === 2)
    expect(stand.acts.filter((act) => act.act === 'file' && act.sha256 !== undefined)).toMatchObject([
      { deed: 'upload', path: path.join(far, 'tree/leaf/a b'), ...whole(Buffer.from('leaf')) },
      { deed: 'download', path: path.join(far, 'tree/leaf/a b'), ...whole(Buffer.from('leaf')) },
    ])
  })

  it('by sftp are told with everything else that was changed, failures too', async () => {
    const batch = `put ${local('file')} one\nrename one two\nln -s two three\nln two four\nchmod 600 two\nmkdir dir\nrmdir dir\nrm four\n-mkdir /proc/x\n-rm nothing\nls\n`
    expect((await sftp(`cd ${far}\n${batch}`)).code).toBe(0)
    const at = (name: string) => path.join(far, name)
    expect(await told(10)).toMatchObject([
      { deed: 'upload', path: at('one'), ...whole(content) },
      { deed: 'rename', path: at('one'), to: at('two'), outcome: 'done' },
      { deed: 'symlink', path: at('three'), to: 'two' },
      { deed: 'link', path: at('four'), to: at('two') },
      { deed: 'setstat', path: at('two') },
      { deed: 'mkdir', path: at('dir') },
      { deed: 'rmdir', path: at('dir') },
      { deed: 'remove', path: at('four') },
      { deed: 'mkdir', path: '/proc/x', outcome: 'failed', failure: 'No such file' },
      { deed: 'remove', path: at('nothing'), outcome: 'failed' },
    ])
  })

  it('by rsync are told with path, bytes of the stream and how it ended', async () => {
    expect((await rsync(['-a', local('file'), remote('copy')])).code).toBe(0)
    expect((await rsync(['-a', remote('copy'), local('back')])).code).toBe(0)
    expect((await rsync(['-a', remote('nothing'), local('back')])).code).toBe(23)
    const acts = await told(3)
    expect(acts).toMatchObject([
      { way: 'rsync', deed: 'upload', path: path.join(far, 'copy'), outcome: 'done' },
      { way: 'rsync', deed: 'download', path: path.join(far, 'copy'), outcome: 'done' },
      { way: 'rsync', deed: 'download', outcome: 'failed', failure: 'rsync ended with status 23.' },
    ])
    expect(acts[0]?.act === 'file' && (acts[0].bytes ?? 0) > 100).toBe(true)
  })

  it('do not go up by any way that the grant does not give', async () => {
    stand.settings.may = ['download']
    writeFileSync(path.join(far, 'there'), 'there')
    const refusals = [
      await stand.run('scp', [local('file'), remote('copy')]),
      await stand.run('scp', ['-O', local('file'), remote('copy')]),
      await rsync(['-a', local('file'), remote('copy')]),
      await sftp(`put ${local('file')} ${path.join(far, 'copy')}`),
      await sftp(`rm ${path.join(far, 'there')}`),
      await sftp(`rename ${path.join(far, 'there')} ${path.join(far, 'copy')}`),
      await sftp(`chmod 777 ${path.join(far, 'there')}`),
      await sftp(`mkdir ${path.join(far, 'copy')}`),
      await sftp(`ln -s /etc ${path.join(far, 'copy')}`),
    ]
    expect(refusals.filter(({ code }) => code === 0)).toEqual([])
    for (const { err } of refusals.slice(1, 3)) expect(err.toString()).toContain('Uploads are not part of your access to this host.')
    const listed = await sftp(`ls -1 ${far}\nget ${path.join(far, 'there')} ${local('got')}`)
    expect(listed.out.toString()).toContain('there')
    expect(listed.out.toString()).not.toContain('copy')
    expect(readFileSync(local('got'), 'utf8')).toBe('there')
    const acts = await told(10)
    expect(acts.map((act) => act.act === 'file' && `${act.way} ${act.deed} ${act.outcome}`)).toEqual([
      'sftp upload refused',
      'scp upload refused',
      'rsync upload refused',
      'sftp upload refused',
      'sftp remove refused',
      'sftp rename refused',
      'sftp setstat refused',
      'sftp mkdir refused',
      'sftp symlink refused',
      'sftp download done',
    ])
  }, 30_000)

  it('do not come down by any way that the grant does not give', async () => {
    stand.settings.may = ['upload']
    writeFileSync(path.join(far, 'there'), 'there')
    const refusals = [
      await stand.run('scp', [remote('there'), local('got-1')]),
      await stand.run('scp', ['-O', remote('there'), local('got-1')]),
      await rsync(['-a', remote('there'), local('got-1')]),
      await sftp(`get ${path.join(far, 'there')} ${local('got-1')}`),
    ]
    expect(refusals.map(({ code }) => code === 0)).toEqual([false, false, false, false])
    expect((await sftp(`put ${local('file')} ${path.join(far, 'up')}`)).code).toBe(0)
    expect((await told(5)).map((act) => act.act === 'file' && `${act.way} ${act.deed} ${act.outcome}`)).toEqual([
      'sftp download refused',
      'scp download refused',
      'rsync download refused',
      'sftp download refused',
      'sftp upload done',
    ])
  }, 30_000)

  it('by scp whose sender waits for no answer are read as the host reads them', async () => {
    const talk = Buffer.from('C0644 5 one\nhello\0C0644 3 two\nyou\0')
    const ran = await stand.run('ssh', ['127.0.0.1', `scp -d -t ${far}`], talk)
    expect([ran.code, readFileSync(path.join(far, 'one'), 'utf8'), readFileSync(path.join(far, 'two'), 'utf8')]).toEqual([0, 'hello', 'you'])
    expect(await told(2)).toMatchObject([{ ...whole(Buffer.from('hello')) }, { ...whole(Buffer.from('you')) }])
  })
})

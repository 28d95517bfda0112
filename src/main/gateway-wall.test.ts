// What code inside a gateway can reach: run by the supervisor's own way of starting a child, behind the same wall, beside a real data folder.
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DataFolder, giveTo, openDataFolder, openRunFolderTo } from './data-folder.ts'
import { gatewayWall } from './gateway-flags.ts'
import { root } from './program.ts'
import { spawnChild } from './supervisor.ts'

const isRoot = process.getuid?.() === 0
const runAs = { uid: 64022, gid: 64022 }
let top: string
let data: DataFolder

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'sallyport-wall-'))
  // Others may pass, as through /var/lib.
  chmodSync(top, 0o711)
  data = openDataFolder(join(top, 'data'))
  mkdirSync(join(data.control, 'keys'), { mode: 0o700 })
  writeFileSync(join(data.control, 'keys', 'vault.key'), 'the vault key', { mode: 0o600 })
  const database = new DatabaseSync(join(data.control, 'sallyport.db'))
  database.exec("create table secrets (name text); insert into secrets values ('root')")
  database.close()
})
afterEach(() => rmSync(top, { recursive: true, force: true }))

/** Runs the intruder as gateway `g1` and answers what each of its tries came to. */
async function intrude(options: { dropsRoot: boolean; hasWall: boolean }): Promise<Record<string, string>> {
  const folders = data.gateway('g1')
  data.gateway('g2')
  if (options.dropsRoot) {
    for (const name of ['g1', 'g2']) giveTo(runAs, join(data.root, 'gateways', name))
    openRunFolderTo(runAs, data)
  }
  writeFileSync(join(data.relay, 'staleabc.sock'), '')
  if (options.dropsRoot) chownSync(join(data.relay, 'staleabc.sock'), runAs.uid, runAs.gid)
  const intruder = join(root, 'src', 'main', 'gateway-wall.fixture.ts')
  const child = spawnChild({
    name: 'g1',
    args: [...(options.hasWall ? gatewayWall(folders) : []), intruder],
    boot: () => ({
      control: data.control,
      run: data.run,
      other: join(data.root, 'gateways', 'g2'),
      spool: folders.spoolFolder,
      relay: folders.relayFolder,
      ...(options.dropsRoot ? { runAs } : {}),
    }),
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  expect(code).toBe(0)
  return JSON.parse(readFileSync(join(folders.spoolFolder, 'out.json'), 'utf8'))
}

const denied = 'ERR_ACCESS_DENIED'
test('code inside a gateway reaches neither vault key nor database, and starts no program', async () => {
  const tries = await intrude({ dropsRoot: false, hasWall: true })
  expect(tries).toMatchObject({
    'read the vault key': denied,
    'read the database': denied,
    'open the database with Node': 'ERR_UNKNOWN_BUILTIN_MODULE',
    'list the data folder': denied,
    'write beside the program': denied,
    'read the other gateway': denied,
    'read through a link': denied,
    'read /etc/passwd': denied,
    'start a program': denied,
    'start a Node': denied,
    'read in a worker': denied,
    'write its spool': 'done',
    'sync its spool': 'done',
    'remove a stale relay socket': 'done',
    'listen for other gateways and reach one': 'done',
    'read the program': 'done',
  })
})

test.runIf(isRoot)('started as root it is someone else, whom files and processes are closed to', async () => {
  const tries = await intrude({ dropsRoot: true, hasWall: true })
  expect(tries).toMatchObject({
    'become root again': 'EPERM',
    'signal its supervisor': 'EPERM',
    'open the database with an addon': denied,
    'open the database with Node': 'ERR_UNKNOWN_BUILTIN_MODULE',
    'read the vault key': denied,
    'start a program': denied,
    'write its spool': 'done',
    'sync its spool': 'done',
    'remove a stale relay socket': 'done',
    'listen for other gateways and reach one': 'done',
    who: 'uid 64022 64022, groups 64022',
  })
  expect(statSync(data.control).mode & 0o777).toBe(0o700)
  expect(statSync(data.run).mode & 0o777).toBe(0o710)
  expect([statSync(data.relay).mode & 0o777, statSync(data.relay).uid]).toEqual([0o700, 64022])
  expect(statSync(join(data.root, 'gateways', 'g1'))).toMatchObject({ uid: 64022, gid: 64022 })
})

test.runIf(isRoot)('without Node’s wall, which machine code does not ask, the other user still is one', async () => {
  expect(await intrude({ dropsRoot: true, hasWall: false })).toMatchObject({
    'read the vault key': 'EACCES',
    'read the database': 'EACCES',
    'open the database with Node': 'ERR_SQLITE_ERROR',
    'open the database with an addon': expect.stringMatching(/^(SQLITE_CANTOPEN|TypeError: Cannot open database)/),
    'list the data folder': 'EACCES',
    'read through a link': 'EACCES',
    'write beside the program': 'EACCES',
    'read in a worker': 'EACCES',
    'become root again': 'EPERM',
    'write its spool': 'done',
  })
})

test.runIf(isRoot)('a link that a gateway has left in its folder is not followed when the folder is given away', () => {
  const folders = data.gateway('g1')
  const target = join(top, 'target')
  mkdirSync(target)
  writeFileSync(join(target, 'passwd'), '')
  rmSync(folders.spoolFolder, { recursive: true })
  symlinkSync(target, folders.spoolFolder)
  giveTo(runAs, join(data.root, 'gateways', 'g1'))
  expect(statSync(target).uid).toBe(0)
  expect(statSync(join(target, 'passwd')).uid).toBe(0)
  // Nor does the next start make it a part of what the gateway may read and write.
  expect(() => data.gateway('g1')).toThrow('is a link that user 64022 has put there')
})

test.runIf(isRoot)('a file of others to which a gateway has given a second name is not given away', () => {
  const folders = data.gateway('g1')
  const [shadow, run] = [join(top, 'shadow'), join(folders.spoolFolder, 'run-1')]
  writeFileSync(shadow, 'root', { mode: 0o600 })
  mkdirSync(run)
  linkSync(shadow, join(run, '00000001.journal'))
  writeFileSync(join(run, '00000002.journal'), '')
  giveTo(runAs, join(data.root, 'gateways', 'g1'))
  expect(statSync(shadow).uid).toBe(0)
  expect(statSync(join(run, '00000002.journal')).uid).toBe(64022)
})

test.runIf(isRoot)('nobody but gateways reaches a relay socket, also of the gateways’ group', async () => {
  openRunFolderTo(runAs, data)
  const path = join(data.relay, 'abcdefgh.sock')
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  chmodSync(path, 0o777)
  const cameAs = (uid: number, gid: number) =>
    printed(`process.setgroups([]); process.setgid(${gid}); process.setuid(${uid})
      require('node:net').connect(${JSON.stringify(path)}).on('connect', () => { console.log('reached'); process.exit() }).on('error', (error) => console.log(error.code))`)
  const came = await Promise.all([cameAs(runAs.uid, runAs.gid), cameAs(64023, runAs.gid), cameAs(64023, 64023)])
  server.close()
  expect(came).toEqual(['reached', 'EACCES', 'EACCES'])
})

/** What a Node prints that runs this. */
const printed = (script: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', script], { timeout: 20_000 }, (error, stdout) => (error ? reject(error) : resolve(stdout.trim())))
  })

test('a data folder with a long path has its sockets elsewhere, and takes them away', () => {
  const long = openDataFolder(join(top, 'x'.repeat(100)))
  expect(long.socketPath.startsWith(join(tmpdir(), 'sallyport-'))).toBe(true)
  expect(long.relay).toBe(join(dirname(long.socketPath), 'relay'))
  expect(statSync(long.relay).mode & 0o777).toBe(0o700)
  long.clearAway()
  expect(existsSync(dirname(long.socketPath))).toBe(false)
  expect(data.relay).toBe(join(data.run, 'relay'))
  expect(statSync(data.relay).mode & 0o777).toBe(0o700)
})

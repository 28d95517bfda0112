// Hostile code in the place of a gateway, for `gateway-wall.test.ts`: tries what it should not, and writes down what each try came to.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { readBoot } from './boot.ts'
import { root } from './program.ts'

const Boot = z.object({
  control: z.string(),
  run: z.string(),
  other: z.string(),
  spool: z.string(),
  relay: z.string(),
  runAs: z.object({ uid: z.number(), gid: z.number() }).optional(),
})
const boot = readBoot(Boot)
if (boot.runAs) {
  process.setgroups?.([])
  process.setgid?.(boot.runAs.gid)
  process.setuid?.(boot.runAs.uid)
}

const results: Record<string, string> = {}
const attempt = async (name: string, act: () => unknown) => {
  try {
    const value = await act()
    results[name] = typeof value === 'string' && name === 'who' ? value : 'done'
  } catch (error) {
    results[name] = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

const key = join(boot.control, 'keys', 'vault.key')
await attempt('read the vault key', () => readFileSync(key))
await attempt('read the database', () => readFileSync(join(boot.control, 'sallyport.db')))
await attempt('open the database with Node', async () => {
  const { DatabaseSync } = await import('node:sqlite')
  return new DatabaseSync(join(boot.control, 'sallyport.db')).prepare('select * from secrets').all()
})
await attempt('open the database with an addon', () => {
  // By a name that is put together: this is an intruder's, not our program's, use of the library.
  const Database = createRequire(join(root, 'package.json'))(['better', 'sqlite3'].join('-'))
  return new Database(join(boot.control, 'sallyport.db')).prepare('select * from secrets').all()
})
await attempt('list the data folder', () => readdirSync(boot.control))
await attempt('write beside the program', () => writeFileSync(join(root, 'src', 'main', 'planted.ts'), ''))
await attempt('read the other gateway', () => readdirSync(boot.other))
await attempt('read through a link', () => {
  const link = join(boot.spool, 'link')
  symlinkSync(key, link)
  return readFileSync(link)
})
await attempt('read /etc/passwd', () => readFileSync('/etc/passwd'))
await attempt('start a program', () => {
  const { error } = spawnSync('/bin/true')
  if (error) throw error
})
await attempt('start a Node', () => {
  const { error } = spawnSync(process.execPath, ['-e', '1'])
  if (error) throw error
})
await attempt('read in a worker', async () => {
  const worker = new Worker(`require('node:fs').readFileSync(${JSON.stringify(key)})`, { eval: true })
  await new Promise((resolve, reject) => worker.once('error', reject).once('exit', resolve))
})
await attempt('become root again', () => process.setuid?.(0))
await attempt('signal its supervisor', () => process.kill(process.ppid, 0))
await attempt('write its spool', () => writeFileSync(join(boot.spool, 'mine'), 'x'))
await attempt('sync its spool', async () => {
  const file = await open(join(boot.spool, 'mine'), 'r')
  await file.datasync()
  await file.close()
})
await attempt('remove a stale relay socket', () => rmSync(join(boot.relay, 'staleabc.sock')))
await attempt('listen for other gateways and reach one', async () => {
  const path = join(boot.relay, 'staleabc.sock')
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  const socket = connect(path)
  await new Promise((resolve, reject) => socket.once('error', reject).once('close', resolve).resume())
  server.close()
})
await attempt('read the program', () => readFileSync(join(root, 'package.json')))
await attempt('who', () => `uid ${process.getuid?.()} ${process.geteuid?.()}, groups ${process.getgroups?.().join(' ')}`)
writeFileSync(join(boot.spool, 'out.json'), JSON.stringify(results))
process.exit(0)

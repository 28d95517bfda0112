// A throwaway PostgreSQL server, real and with fsync on, for the tests that hold the store to both engines.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

export type Postgres = {
  /** Makes an empty database and returns the URL that `--database` takes. */
  makeDatabase(): Promise<string>
  /** Its programs (pg_dump, psql) lie here. */
  readonly binFolder: string
  stop(): Promise<void>
}

const startsWithinMs = 30_000

/** Starts a server that listens only on a Unix socket in a folder of its own. Throws in words when PostgreSQL is not installed. It ends with this process, however that ends. */
export async function startPostgres(): Promise<Postgres> {
  const binFolder = findBinaries()
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pg-'))
  const who = unprivileged()
  if (who) chownSync(folder, who.uid, who.gid)
  const data = join(folder, 'data')
  const initdb = ['-D', data, '-U', 'sallyport', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions']
  await promisify(execFile)(join(binFolder, 'initdb'), initdb, { ...who, cwd: folder })
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=on', 'max_connections=60', 'shared_buffers=32MB', 'logging_collector=off']
  // The shell waits for the end of its input, which comes when this process ends or is killed; then it stops the server at once (its data is thrown away) and clears away.
  const script = 'folder=$1; shift; "$@" >"$folder/log" 2>&1 & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$folder"'
  const command = [join(binFolder, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  const shell = spawn('/bin/sh', ['-c', script, 'sh', folder, ...command], { ...who, cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = once(shell, 'exit')
  const urlOf = (database: string) => `postgresql://sallyport@/${database}?host=${encodeURIComponent(folder)}`
  const stop = async () => {
    shell.stdin.end()
    await ended
  }
  try {
    await untilReady(urlOf('postgres'))
  } catch (error) {
    const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').slice(-2000) : ''
    await stop()
    throw new Error(`PostgreSQL did not start: ${log}`, { cause: error })
  }
  let made = 0
  return {
    binFolder,
    async makeDatabase() {
      const name = `test_${(made += 1)}`
      await ask(urlOf('postgres'), `create database ${name}`)
      return urlOf(name)
    },
    stop,
  }
}

/** Runs one statement on a connection of its own. */
export async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  await client.connect()
  try {
    const answer = await client.query<Record<string, unknown>>(statement)
    return answer.rows
  } finally {
    await client.end()
  }
}

async function untilReady(url: string): Promise<void> {
  const until = performance.now() + startsWithinMs
  for (;;) {
    try {
      await ask(url, 'select 1')
      return
    } catch (error) {
      if (performance.now() > until) throw error
    }
    await pause(50)
  }
}

function findBinaries(): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((one, other) => Number(other) - Number(one)) : []
  const found = versions
    .map((version) => join(root, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
  if (found === undefined)
    throw new Error('These tests need PostgreSQL, and /usr/lib/postgresql/*/bin/initdb is not there. On Debian: apt-get install postgresql')
  return found
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made, or as nobody. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" on this machine.')
}

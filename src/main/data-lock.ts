// One `serve` per data folder. The lock names its processes, so that one which outlived a killed supervisor is waited for.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { CommandFailed } from './say.ts'

/** A number is given to another process later: only with the time at which it began does it name one. */
const Holder = z.object({ pid: z.number().int().positive(), began: z.string() })
const Lock = z.object({ supervisor: Holder, children: z.array(Holder) })
type Holder = z.infer<typeof Holder>

/** Children of a dead supervisor leave by themselves: gateways drain for 10 s, control follows. */
const orphansLeaveWithinMs = 20_000

export type DataLock = { setChildren(pids: readonly number[]): void; release(): void }

/** Throws `CommandFailed` when another `serve` runs on the folder. */
export async function lockData(runFolder: string): Promise<DataLock> {
  const path = join(runFolder, 'lock')
  const own = holder(process.pid)
  for (const until = Date.now() + orphansLeaveWithinMs; ; await sleep(200)) {
    if (place(path, own)) break
    const held = read(path)
    if (held && isAlive(held.supervisor))
      throw new CommandFailed(`another sallyport (process ${held.supervisor.pid}) serves this data folder: stop it first, or give --data another folder`)
    const orphan = held?.children.find(isAlive)
    if (orphan && Date.now() > until)
      throw new CommandFailed(`process ${orphan.pid} of an earlier start still holds this data folder: end it, then start again`)
    if (!orphan) clearStale(path)
  }
  return {
    setChildren: (pids) => write(path, { supervisor: own, children: pids.map(holder) }),
    release: () => rmSync(path, { force: true }),
  }
}

/** Whole and at once: a link to a finished file either is made or is not. */
function place(path: string, own: Holder): boolean {
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, JSON.stringify({ supervisor: own, children: [] }), { mode: 0o600 })
  try {
    linkSync(aside, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Of two starts that find the same stale lock one moves it away; the other may move the winner's, sees it, and puts it back. */
function clearStale(path: string): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return // someone else was first: the next round tells
  }
  const moved = read(aside)
  if (moved && isAlive(moved.supervisor)) renameSync(aside, path)
  else rmSync(aside, { force: true })
}

function write(path: string, lock: z.infer<typeof Lock>): void {
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, JSON.stringify(lock), { mode: 0o600 })
  renameSync(aside, path)
}

function read(path: string): z.infer<typeof Lock> | undefined {
  try {
    const parsed = Lock.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined // gone, or cut short by a power loss: stale either way
  }
}

const holder = (pid: number): Holder => ({ pid, began: beganAt(pid) ?? '' })
const isAlive = (held: Holder) => {
  const began = beganAt(held.pid)
  return began !== undefined && began === held.began
}

/** Field 22 of proc(5) `/proc/PID/stat`, in ticks since boot; elsewhere only whether the process is there. */
function beganAt(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0) ? 'running' : undefined
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined // no such process
  }
}

// What processes cost, from the operating system's own accounting.
import { readFileSync, readdirSync } from 'node:fs'

const ticksPerSecond = 100 // USER_HZ: 100 on every Linux that Node runs on

/** The process and all its descendants. */
export function family(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = readStat(Number(entry))
    if (stat) parents.set(Number(entry), Number(stat[1]))
  }
  const members = [pid]
  for (let at = 0; at < members.length; at += 1) for (const [child, parent] of parents) if (parent === members[at]) members.push(child)
  return members
}

/** Fields of /proc/PID/stat after the name, from `state` on; undefined when the process is gone. */
function readStat(pid: number | string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // it ended between the listing and the reading
  }
}

const secondsIn = (stat: string[] | undefined) => (stat ? (Number(stat[11]) + Number(stat[12])) / ticksPerSecond : 0)

/** CPU seconds of user and system time so far. */
export const cpuSeconds = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + secondsIn(readStat(pid)), 0)

/** The same of the threads with this name alone, as far as they still run. */
export function threadSeconds(pids: readonly number[], name: string): number {
  return pids.reduce((sum, pid) => sum + threadsOf(pid).reduce((each, path) => each + (readName(path) === name ? secondsIn(readStat(path)) : 0), 0), 0)
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `${pid}/task/${thread}`)
  } catch {
    return [] // it ended between the listing and the reading
  }
}

function readName(process: string): string | undefined {
  try {
    return readFileSync(`/proc/${process}/comm`, 'utf8').trim()
  } catch {
    return undefined // it ended between the listing and the reading
  }
}

/** Proportional set size in bytes: shared pages are counted once over all. */
export function memoryBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024
    } catch {
      return sum // it ended between the listing and the reading
    }
  }, 0)
}

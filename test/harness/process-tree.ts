// Processes and what they started, by /proc: sshd's and the supervisor's children leave the process group of their parent.
import { readdirSync, readFileSync } from 'node:fs'

type Row = { pid: number; parent: number }
function table(): Row[] {
  const rows: Row[] = []
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      // The name in brackets may hold blanks and brackets itself: what counts stands after the last one.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      rows.push({ pid: Number(entry), parent })
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return rows
}

/** Every process below `pid`, children before their own children. */
export function descendants(pid: number): number[] {
  const rows = table()
  const found: number[] = []
  const visit = (parent: number) => {
    for (const row of rows) {
      if (row.parent !== parent) continue
      found.push(row.pid)
      visit(row.pid)
    }
  }
  visit(pid)
  return found
}

/** argv of a process, joined by blanks; empty when it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return '' // gone
  }
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return false // gone
  }
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended by itself.
    }
  }
}

// Around every test run: what tests make goes into one folder, and a run that leaves a process, a mount or a folder behind fails.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { commandLine, descendants, isAlive, signalAll } from './process-tree.ts'

/** A browser or a server that was just told to end needs a moment. */
const patienceMs = 5000

/** Called by the test runner; what it returns is called when all tests are over. */
export default function nothingLeft(): () => Promise<void> {
  const before = process.env.TMPDIR
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-run-'))
  // As /tmp: gateways, databases and test accounts run under uids of their own.
  chmodSync(folder, 0o1777)
  process.env.TMPDIR = folder
  return async () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    const until = performance.now() + patienceMs
    let processes = processesOf(folder)
    while (processes.length > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      processes = processesOf(folder)
    }
    const found = [
      ...processes.map((pid) => `process ${pid}: ${commandLine(pid).slice(0, 300)}`),
      ...mountsIn(folder).map((place) => `mount ${place}`),
      // Browsers and npm have their own ideas of what a temporary folder is for.
      ...readdirSync(folder).filter((name) => name.startsWith('sallyport-')),
    ]
    signalAll(processes, 'SIGKILL')
    if (mountsIn(folder).length === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    if (found.length > 0) throw new Error(`the tests left behind, in ${folder}:\n  ${found.join('\n  ')}`)
  }
}

/** Everything that names the folder, works in it or was given it as its own, without the runner and its workers. */
function processesOf(folder: string): number[] {
  const workers = descendants(process.pid).filter((pid) => commandLine(pid).includes('vitest'))
  const ours = new Set([process.pid, ...workers])
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => !ours.has(pid) && isAlive(pid) && isOf(pid, folder))
}

function isOf(pid: number, folder: string): boolean {
  if (commandLine(pid).includes(folder)) return true
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${folder}`)
  } catch {
    return false // gone, or another person's
  }
}

function mountsIn(folder: string): string[] {
  const places = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  return places.filter((place) => place.startsWith(folder))
}

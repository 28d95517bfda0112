// Fifty people who watch one session, in a process of their own: entry and how it is started.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openTerminal } from './terminal.ts'

export type WatchOrder = { url: string; session: string; tickets: string[] }

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Resolves when all of them watch. */
export async function startWatchers(order: WatchOrder): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'pipe', 'inherit'] })
  running.add(child)
  const ended = once(child, 'exit').finally(() => running.delete(child))
  // Tickets do not stand among the arguments of a process.
  child.stdin.write(`${JSON.stringify(order)}\n`)
  const [said] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown]
  if (String(said).trim() !== 'watching') throw new Error('the watchers did not begin')
  return {
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

if (import.meta.main) {
  const [line] = (await once(process.stdin, 'data')) as [Buffer]
  const { url, session, tickets } = JSON.parse(String(line)) as WatchOrder
  process.stdin.on('close', () => process.exit(0))
  for (const ticket of tickets) {
    const shell = await openTerminal(url, ticket, session)
    // Read and let go.
    shell.onBytes = () => undefined
  }
  process.stdout.write('watching\n')
}

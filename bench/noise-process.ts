// A flood in a process of its own, so that the one who measures keystrokes is not the one who reads it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { OpensshTarget } from './openssh.ts'

export type NoiseOrder = { openssh: OpensshTarget } | { sallyport: { url: string; ticket: string } }

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Resolves when the flood flows. */
export async function startNoise(order: NoiseOrder): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'noise.ts'), JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'inherit'] })
  running.add(child)
  const ended = once(child, 'exit').finally(() => running.delete(child))
  const [said] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown]
  if (String(said).trim() !== 'flows') throw new Error('the flood did not begin')
  return {
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

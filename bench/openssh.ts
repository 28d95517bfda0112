// The measure to compare with: the machine's own `ssh`, with a PTY, on pipes.
import { spawn } from 'node:child_process'
import type { Shell } from './shell.ts'

export type OpensshTarget = { port: number; username: string; keyFile: string }

export function openSsh(target: OpensshTarget, started?: (pid: number) => void): Promise<Shell> {
  // prettier-ignore
  const child = spawn('ssh', ['-F', 'none', '-tt', '-p', String(target.port), '-i', target.keyFile, '-o', 'IdentitiesOnly=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-c', 'aes128-gcm@openssh.com', '-o', 'ControlMaster=no', `${target.username}@127.0.0.1`], { stdio: ['pipe', 'pipe', 'inherit'] })
  if (child.pid !== undefined) started?.(child.pid)
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const shell: Shell = {
    onBytes: () => undefined,
    write: (text) => void child.stdin.write(text),
    stall: () => void child.stdout.pause(),
    close: async () => {
      child.kill('SIGTERM')
      child.stdout.resume()
      await ended
    },
  }
  child.stdout.on('data', (chunk: Buffer) => shell.onBytes(chunk))
  return Promise.resolve(shell)
}

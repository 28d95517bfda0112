// The measure to compare with: the machine's own `ssh`, with a PTY, on pipes.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpuSeconds, memoryBytes } from './cost.ts'
import { startNoise } from './noise-process.ts'
import type { Shell, Side } from './shell.ts'

export type OpensshTarget = { port: number; username: string; keyFile: string }

/** The same cipher as Sallyport's. */
// prettier-ignore
const argumentsFor = ({ port, username, keyFile }: OpensshTarget) => [
  '-F', 'none', '-tt', '-p', String(port), '-i', keyFile, '-o', 'IdentitiesOnly=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null',
  '-o', 'LogLevel=ERROR', '-o', 'ControlMaster=no', '-c', 'aes128-gcm@openssh.com', `${username}@127.0.0.1`,
]

export function openSsh(target: OpensshTarget, started?: (child: ChildProcess) => void): Shell {
  const child = spawn('ssh', argumentsFor(target), { stdio: ['pipe', 'pipe', 'inherit'] })
  started?.(child)
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  // A key that is pressed while `ssh` goes away.
  child.stdin.on('error', () => undefined)
  const shell: Shell = {
    onBytes: () => undefined,
    write: (text) => void child.stdin.write(text),
    stall: () => void child.stdout.pause(),
    unstall: () => void child.stdout.resume(),
    wireBytes: () => undefined,
    close: async () => {
      child.kill('SIGTERM')
      child.stdout.resume()
      await ended
    },
  }
  child.stdout.on('data', (chunk: Buffer) => shell.onBytes(chunk))
  return shell
}

export function opensshSide(target: OpensshTarget): Side {
  let last: ChildProcess | undefined
  const pids = () => (last?.pid === undefined ? [] : [last.pid])
  return {
    open: () => Promise.resolve(openSsh(target, (child) => (last = child))),
    cpuSeconds: () => cpuSeconds(pids()),
    screenSeconds: () => 0,
    memoryBytes: () => memoryBytes(pids()),
    settled: () => Promise.resolve(0),
    noise: () => startNoise({ openssh: target }),
  }
}

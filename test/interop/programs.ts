// The clients of the matrix. Those that must be there are installed by `npm run interop`, or it ends; others are named when they are missing.
import { spawn, spawnSync } from 'node:child_process'

const others = { sshfs: 'sshfs', golang: 'go', erlang: 'erl', tinyssh: 'tinysshd' } as const

const isThere = (program: string) => spawnSync('/bin/sh', ['-c', `command -v ${program}`]).status === 0
export const missingOthers = (): string[] => Object.entries(others).flatMap(([name, program]) => (isThere(program) ? [] : [name]))

export type Ran = { code: number | null; stdout: Buffer; stderr: Buffer }
export type RunOptions = { input?: Uint8Array | string; env?: Record<string, string>; cwd?: string; withinMs?: number }

/** Runs a program to its end; nothing on stdin unless given. Killed with SIGKILL after `withinMs`, by default a minute: then `code` is null. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input, env = {}, cwd, withinMs = 60_000 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes))
    // A program that ends before it has read everything is no fault of ours.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
    })
  })
}

// What a session does. A terminal is a `shell`, also when it runs one command; the others pass bytes without one.
import { z } from 'zod'
import type { GrantAction } from './grant.ts'

export const sessionKinds = ['shell', 'exec', 'sftp', 'scp', 'rsync', 'forward'] as const
export const SessionKind = z.enum(sessionKinds)
export type SessionKind = z.infer<typeof SessionKind>

/** What is kept of it: a terminal whole, of a command's output the beginning, of the others what they did. */
export const keptOf: Readonly<Record<SessionKind, 'terminal' | 'output' | 'acts'>> = {
  shell: 'terminal',
  exec: 'output',
  sftp: 'acts',
  scp: 'acts',
  rsync: 'acts',
  forward: 'acts',
}

/** One of these is needed to begin it; what it may do then is decided for each of them. */
export const actionsOf: Readonly<Record<SessionKind, readonly GrantAction[]>> = {
  shell: ['shell'],
  exec: ['exec'],
  sftp: ['upload', 'download'],
  scp: ['upload', 'download'],
  rsync: ['upload', 'download'],
  forward: ['forward'],
}

/** Of an `exec`: so much of stdout and stderr together is recorded. */
export const recordedOutputBytes = 1024 * 1024

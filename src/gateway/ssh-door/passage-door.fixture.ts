// For tests: a door of real parts where everybody may come in, whose sessions without a terminal go on to a real sshd.
import { spawn } from 'node:child_process'
import path from 'node:path'
import type { GrantAction } from '#domain/grant.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { FileRule } from '#domain/file-rule.ts'
import { kindOfCommand } from '#domain/command-kind.ts'
import type { SessionKind } from '#domain/session-kind.ts'
import { Journal, journalLimits } from '#recording/journal.ts'
import { systemClock } from '#session/clock.ts'
import { LiveSessions } from '#session/live-sessions.ts'
import type { Passage } from '#session/passage.ts'
import type { SessionReport } from '#session/session.ts'
import { Channels, type OpenRequest } from '#ssh/channels.ts'
import { readCommand, readEnv, readText } from '#ssh/channel-wire.ts'
import type { ServerTransport } from '#ssh/server-transport.ts'
import { signedIn } from '#ssh/signed-in.fixture.ts'
import { startTestDoor } from '#ssh/test-door.fixture.ts'
import type { TestSshd } from '../../../test/harness/sshd.ts'
import { makeTempFolder } from '../../../test/harness/temp-folder.ts'
import { Acts } from '../acts.ts'
import { openPassage, type PassageStart } from './passage-session.ts'

const actions: GrantAction[] = ['shell', 'exec', 'upload', 'download']
export const allFiles: FileRule[] = [{ name: 'all files', actions: ['upload', 'download'] }]

export type Ran = { code: number | null; signal: NodeJS.Signals | null; out: Buffer; err: Buffer }

export async function startPassageDoor(sshd: TestSshd, options: { outputBytes?: number; digests?: boolean } = {}) {
  const folder = await makeTempFolder('journal')
  const journal = new Journal({
    folder: path.join(folder.path, 'run'),
    limits: journalLimits(256 * 1024 * 1024),
    clock: systemClock,
    listener: { opened: () => {}, advanced: () => {}, abandoned: () => {} },
  })
  const settings = {
    outputBytes: options.outputBytes ?? 1024 * 1024,
    digests: options.digests ?? true,
    may: actions as readonly GrantAction[],
    files: allFiles,
  }
  const passages: Passage[] = []
  const acts: SessionAct[] = []
  const reports: SessionReport[] = []
  const liveSessions = new LiveSessions()
  let count = 0
  const door = await startTestDoor({
    authenticator: () => ({
      none: () => Promise.resolve({ state: 'accepted' }),
      keyOffered: () => Promise.resolve(false),
      key: () => Promise.resolve({ state: 'refused' }),
      password: () => Promise.resolve({ state: 'refused' }),
      keyboard: () => ({ next: () => Promise.resolve({ state: 'refused' }), cancel: () => undefined }),
    }),
    signedIn: (transport) => serve(transport),
  })
  const serve = (transport: ServerTransport) => {
    const near = new Channels(transport)
    let far: Promise<Channels> | undefined
    const host = () =>
      (far ??= signedIn(sshd).then((connection) => {
        transport.gone.addEventListener('abort', () => connection.close())
        return new Channels(connection)
      }))
    near.onOpen = (asked) => (asked.opening.type === 'session' ? begin(asked, host) : asked.refuse(1, 'not here'))
  }
  const begin = (asked: OpenRequest, host: () => Promise<Channels>) => {
    const channel = asked.accept()
    const env: { name: string; value: Buffer }[] = []
    let hasNearEnded = false
    channel.listen({
      data: () => undefined,
      eof: () => (hasNearEnded = true),
      closed: () => undefined,
      request: (type, value, reply) => {
        reply?.(type === 'env' || type === 'exec' || type === 'subsystem' || type === 'shell')
        if (type === 'env') env.push(readEnv(value))
        const start: PassageStart | undefined =
          type === 'exec'
            ? { type, command: readCommand(value) }
            : type === 'subsystem'
              ? { type, name: readText(value) }
              : type === 'shell'
                ? { type }
                : undefined
        if (!start) return
        const kind: SessionKind = start.type === 'exec' ? kindOfCommand(start.command).kind : start.type === 'shell' ? 'shell' : 'sftp'
        const session = `se_${(count++)
          .toString(26)
          .replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')
          .padStart(26, 'q')}`
        void openPassage({
          session,
          title: 'test',
          kind,
          ...settings,
          limits: { idleMs: 600_000 },
          start,
          env,
          near: channel,
          hasNearEnded,
          openFar: async (signal) => await (await host()).open({ type: 'session' }, signal),
          acts: new Acts((_from, told) => Promise.resolve(void acts.push(...told)), systemClock),
          tapSource: journal,
          liveSessions,
          clock: systemClock,
          log: { info: () => undefined, warn: () => undefined },
          onEnded: (report) => reports.push(report),
        }).then((passage) => passages.push(passage))
      },
    })
  }
  const flags = ['-F', 'none', '-o', `UserKnownHostsFile=${path.join(door.folder, 'known_hosts')}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes']
  return {
    door,
    settings,
    passages,
    acts,
    reports,
    liveSessions,
    flags: [...flags, '-o', `Port=${door.port}`],
    /** Runs a program until it ends, at most 60 s. */
    run: (program: string, args: readonly string[], input?: Buffer): Promise<Ran> =>
      runProgram(program, [...flags, '-o', `Port=${door.port}`, ...args], input, door.folder),
    async close() {
      await door.close()
      await journal.close()
      await folder.remove()
    },
  }
}

export function runProgram(program: string, args: readonly string[], input: Buffer | undefined, home: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, HOME: home, SSH_AUTH_SOCK: '' }, timeout: 60_000 })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => out.push(piece))
    child.stderr.on('data', (piece: Buffer) => err.push(piece))
    // A program that ends without reading all of it is one of the cases.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out: Buffer.concat(out), err: Buffer.concat(err) }))
  })
}

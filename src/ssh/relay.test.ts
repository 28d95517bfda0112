// The real OpenSSH client through us to a real sshd: what it gets is what it would get without us.
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../test/harness/sshd.ts'
import { Channels } from './channels.ts'
import { joinConnections } from './relay.fixture.ts'
import { signedIn } from './signed-in.fixture.ts'
import { startTestDoor, type TestDoor } from './test-door.fixture.ts'

let sshd: TestSshd
let door: TestDoor
beforeAll(async () => {
  sshd = await startSshd({ config: ['AcceptEnv LC_*'] })
  door = await startTestDoor({
    authenticator: () => ({
      none: () => Promise.resolve({ state: 'accepted' }),
      keyOffered: () => Promise.resolve(false),
      key: () => Promise.resolve({ state: 'refused' }),
      password: () => Promise.resolve({ state: 'refused' }),
      keyboard: () => ({ next: () => Promise.resolve({ state: 'refused' }), cancel: () => undefined }),
    }),
    signedIn: (transport) => {
      const far = signedIn(sshd)
      transport.gone.addEventListener('abort', () => void far.then((host) => host.close()))
      joinConnections(
        new Channels(transport),
        far.then((host) => new Channels(host)),
      )
    },
  })
}, 60_000)
afterAll(async () => {
  await door?.close()
  await sshd?.stop()
})

const arguments_ = () => ['-F', 'none', '-p', String(door.port), '-o', `UserKnownHostsFile=${door.folder}/known_hosts`, '-o', 'BatchMode=yes', 'x@127.0.0.1']
type Ran = { code: number | null; out: Buffer; err: Buffer }
function ssh(args: readonly string[], input = Buffer.alloc(0)): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      'ssh',
      [...args.filter((arg) => arg.startsWith('-')), ...arguments_(), ...args.filter((arg) => !arg.startsWith('-'))],
      { encoding: 'buffer', maxBuffer: 200_000_000, timeout: 60_000 },
      (cause, out, err) => resolve({ code: cause ? (child.exitCode ?? -1) : 0, out, err }),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('the OpenSSH client', () => {
  it('gets streams, status and what it typed, byte for byte', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at))
    expect(await ssh(['cat; echo wrong >&2; exit 7'], all)).toEqual({ code: 7, out: all, err: Buffer.from('wrong\n') })
    expect((await ssh(['kill -HUP $$'])).code).toBe(255)
    // Half-close: the command goes on after its input has ended.
    expect((await ssh(['cat >/dev/null; echo after'], Buffer.alloc(3_000_000))).out.toString()).toBe('after\n')
    expect((await ssh(['-tt', 'stty size; exit 4'])).code).toBe(4)
  })

  it('loses nothing of 20 MiB on stdout and on stderr at once', async () => {
    const bytes = 20 * 1024 * 1024
    const wanted = [digest(Buffer.alloc(bytes, 'o')), digest(Buffer.alloc(bytes, 'e'))]
    const fill = (letter: string) => `head -c ${bytes} /dev/zero | tr '\\0' ${letter}`
    for (let status = 0; status < 4; status += 1) {
      const ran = await ssh([`${fill('e')} >&2 & ${fill('o')}; wait; exit ${status}`])
      expect([ran.code, digest(ran.out), digest(ran.err)]).toEqual([status, ...wanted])
    }
  }, 60_000)

  it('is told when a host ends in the middle, and a host when the client is killed', async () => {
    const child = spawn('ssh', [...arguments_(), 'echo $$; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    const lives = () => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    expect(lives()).toBe(true)
    child.kill('SIGKILL')
    while (sshd.sessionPids().length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    const other = ssh(['echo $$; sleep 1000'])
    while (sshd.sessionPids().length < 3) await new Promise((resolve) => setTimeout(resolve, 10))
    sshd.cutSessions()
    expect((await other).code).toBe(255)
  })
})

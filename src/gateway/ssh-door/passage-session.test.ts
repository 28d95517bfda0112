// Passages between the real OpenSSH client and a real sshd.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { waitUntil } from '../../../test/harness/wait.ts'
import { startPassageDoor } from './passage-door.fixture.ts'

let sshd: TestSshd
let stand: Awaited<ReturnType<typeof startPassageDoor>>
beforeAll(async () => {
  sshd = await startSshd({ config: ['AcceptEnv LC_*'] })
  stand = await startPassageDoor(sshd)
}, 60_000)
afterAll(async () => {
  await stand?.close()
  await sshd?.stop()
})
const ssh = (args: string[], input?: Buffer) => stand.run('ssh', [...args.slice(0, -1), '127.0.0.1', args.at(-1) ?? ''], input)
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('a passage through the door', () => {
  it('gives status, signal, environment and both streams as the host does', async () => {
    const statuses = [0, 1, 2, 126, 127, 128, 200, 254]
    expect(await Promise.all(statuses.map(async (status) => (await ssh([`exit ${status}`])).code))).toEqual(statuses)
    const killed = await ssh(['kill -KILL $$'])
    expect([killed.code, killed.err.toString()]).toEqual([255, ''])
    const spoken = await stand.run('ssh', ['-o', 'SetEnv=LC_TEST=ä', '127.0.0.1', 'printf "%s" "$LC_TEST"; echo wrong >&2'])
    expect([spoken.out.toString(), spoken.err.toString()]).toEqual(['ä', 'wrong\n'])
  })

  it('keeps the end of each direction apart, and every byte', async () => {
    const all = Buffer.from(Array.from({ length: 256 * 64 }, (_, at) => at % 256))
    const echoed = await ssh(['cat; echo done; sleep 0.1; echo after >&2'], all)
    expect(echoed.out.subarray(0, -5).equals(all)).toBe(true)
    expect([echoed.out.subarray(-5).toString(), echoed.err.toString(), echoed.code]).toEqual(['done\n', 'after\n', 0])
    const early = await ssh(['exec 1>&-; exec 2>&-; cat >/dev/null; exit 5'], all)
    expect([early.out.length, early.code]).toEqual([0, 5])
    expect((await ssh(['head -c 3'], Buffer.alloc(5_000_000, 'x'))).out.toString()).toBe('xxx')
  })

  it('tells a client that shares a connection, and closes once it has all the output, how its command ended', async () => {
    const shared = ['-S', path.join(tmpdir(), `sallyport-${process.pid}.control`)]
    const master = stand.run('ssh', ['-M', ...shared, '-N', '127.0.0.1'])
    await waitUntil('the master', async () => (await stand.run('ssh', [...shared, '-O', 'check', '127.0.0.1'])).code === 0)
    expect((await stand.run('ssh', [...shared, '127.0.0.1', 'exec >&- 2>&-; sleep 0.5; exit 7'])).code).toBe(7)
    await stand.run('ssh', [...shared, '-O', 'exit', '127.0.0.1'])
    await master
  })

  it('loses nothing of 20 MiB on stdout and on stderr at once', async () => {
    const bytes = 20 * 1024 * 1024
    const from = stand.acts.length
    for (let round = 0; round < 3; round++) {
      const ran = await ssh([`head -c ${bytes} /dev/zero | tr '\\0' e >&2 & head -c ${bytes} /dev/zero | tr '\\0' o; wait; exit 9`])
      expect([ran.code, ran.out.length, ran.err.length]).toEqual([9, bytes, bytes])
      expect([digest(ran.out), digest(ran.err)]).toEqual([digest(Buffer.alloc(bytes, 'o')), digest(Buffer.alloc(bytes, 'e'))])
    }
    await waitUntil('the acts', () => stand.acts.length === from + 3)
    expect(stand.acts[from]).toMatchObject({ act: 'output', stdoutBytes: bytes, stderrBytes: bytes, stdout: digest(Buffer.alloc(bytes, 'o')) })
  }, 60_000)

  it('is a shell that reads a script, when that is asked for without a terminal', async () => {
    const ran = await stand.run('ssh', ['-T', '127.0.0.1'], Buffer.from('echo $((40+2)); cat >&2 <<E\nhere\nE\nexit 6\n'))
    expect([ran.code, ran.out.toString().endsWith('42\n'), ran.err.toString()]).toEqual([6, true, 'here\n'])
    expect(stand.passages.at(-1)?.end).toMatchObject({ reason: 'exited', exitStatus: 6 })
  })

  it('stands still while its client reads nothing, and goes on when it does', async () => {
    const child = spawn('ssh', [...stand.flags, '127.0.0.1', 'head -c 60000000 /dev/zero'], { env: { ...process.env, HOME: stand.door.folder } })
    const passage = await waitUntil('its first output', () => stand.liveSessions.all().find(({ bytesOut }) => bytesOut > 0))
    // The pipe of the client is full, then its window, then ours.
    let before = -1
    await waitUntil('it to stand still', () => passage.bytesOut === before || void (before = passage.bytesOut), { everyMs: 500 })
    expect(passage.bytesOut).toBeLessThan(12_000_000)
    let bytes = 0
    child.stdout.on('data', (piece: Buffer) => (bytes += piece.length))
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    expect(bytes).toBe(60_000_000)
  }, 30_000)

  it('ends on a wish with words, and what ran is gone', async () => {
    const running = ssh(['echo on; exec sleep 1000'])
    await waitUntil('its first output', () => stand.liveSessions.size === 1 && (stand.liveSessions.all()[0]?.bytesOut ?? 0) > 0)
    stand.liveSessions.all()[0]?.terminate({ reason: 'terminated', by: 'root', text: 'enough' })
    const ran = await running
    expect([ran.code, ran.out.toString(), ran.err.toString()]).toEqual([255, 'on\n', '[Sallyport] Terminated by root: enough\n'])
    expect(stand.reports.at(-1)?.end).toMatchObject({ reason: 'terminated' })
  })

  it('says on stderr why it does not open', async () => {
    const ran = await stand.run('ssh', ['-s', '127.0.0.1', 'nothing'])
    expect([ran.code, ran.err.toString()]).toEqual([255, '[Sallyport] The host accepted the sign-in and refuses file transfer for this account.\n'])
    await waitUntil('its end', () => stand.reports.at(-1)?.end.failure === 'channel_refused')
  })
})

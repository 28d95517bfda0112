// Passages between the real OpenSSH client and a real sshd.
import { createHash } from 'node:crypto'
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

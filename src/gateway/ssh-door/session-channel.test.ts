// What a real ssh client asks for on a session channel, gathered before anything runs.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Channels } from '#ssh/channels.ts'
import { makeKeyPair } from '../../../test/harness/ssh-keys.ts'
import { startTestDoor, type TestDoor } from '#ssh/test-door.fixture.ts'
import { readLine } from './channel-prompter.ts'
import { type Run, SessionChannel } from './session-channel.ts'

let door: TestDoor
let ran: { channel: SessionChannel; run: Run } | undefined
let act: (channel: SessionChannel) => void

beforeAll(async () => {
  const accept = async () => ({ state: 'accepted' }) as const
  door = await startTestDoor({
    authenticator: () => ({
      none: accept,
      keyOffered: async () => true,
      key: accept,
      password: accept,
      keyboard: () => ({ next: accept, cancel: () => undefined }),
    }),
    signedIn: (transport) => {
      const channels = new Channels(transport)
      channels.onOpen = (request) => {
        const channel = new SessionChannel(request.accept())
        channel.onRun = (run) => {
          ran = { channel, run }
          act(channel)
        }
      }
    },
  })
  await makeKeyPair(door.folder, 'id', 'ed25519')
})
afterAll(() => door.close())

const ssh = async (args: string[], then: (channel: SessionChannel) => void = (channel) => channel.close(0)) => {
  ran = undefined
  act = then
  const done = await door.ssh(args)
  const found = ran as { channel: SessionChannel; run: Run } | undefined
  if (!found) throw new Error('nothing was asked for')
  return { ...done, ...found }
}

it('passes on variables of the list alone and keeps what was left out by name and count; the reason is for control (FWD-07)', async () => {
  const set = 'SetEnv=LANG=zh_CN.UTF-8 LC_TEST=ok LD_PRELOAD=/evil.so PATH=/evil NODE_OPTIONS=--inspect LC_lower=x SALLYPORT_REASON=ticket-7'
  const { channel, run } = await ssh(['-o', set, 'someone@127.0.0.1', 'id'])
  expect(run).toEqual({ kind: 'exec', command: Buffer.from('id') })
  expect(channel.env.map(({ name, value }) => `${name}=${value.toString()}`)).toEqual(['LANG=zh_CN.UTF-8', 'LC_TEST=ok'])
  expect(channel.reason).toBe('ticket-7')
  expect(channel.dropped.map(({ what, name, count }) => `${what} ${name} ${count}`).toSorted()).toEqual([
    'environment LC_lower 1',
    'environment LD_PRELOAD 1',
    'environment NODE_OPTIONS 1',
    'environment PATH 1',
  ])
})

it('counts variables without end in bounded memory', async () => {
  const many = Array.from({ length: 300 }, (_, index) => `V${index}=x`).join(' ')
  const few = Array.from({ length: 100 }, (_, index) => `LC_A${'_'.repeat(index % 30)}=${index}`).join(' ')
  const { channel } = await ssh(['-o', `SetEnv=${many} ${few}`, 'someone@127.0.0.1', 'id'])
  expect(channel.env.length).toBeLessThanOrEqual(64)
  expect(channel.dropped.length).toBeLessThanOrEqual(33)
  expect(channel.dropped.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(300)
})

it('knows a terminal without a size of its own, and X11 and agents that are asked for', async () => {
  const { channel, run } = await ssh(['-tt', '-A', 'someone@127.0.0.1'])
  expect(run).toEqual({ kind: 'shell' })
  expect(channel.pty).toMatchObject({ cols: 0, rows: 0 })
  expect(channel.size).toEqual({ cols: 80, rows: 24 })
})

it('takes sftp as the only subsystem', async () => {
  const { run } = await ssh(['-s', 'someone@127.0.0.1', 'sftp'])
  expect(run).toEqual({ kind: 'sftp' })
})

it('refuses in words beside the output, with the status of a connection that failed', async () => {
  expect(await ssh(['someone@127.0.0.1', 'id'], (channel) => channel.refuse('No,\nnever.'))).toMatchObject({ code: 255, stdout: '', stderr: 'No,\nnever.\n' })
  const { stderr, stdout } = await ssh(['-tt', 'someone@127.0.0.1', 'id'], (channel) => channel.refuse('No,\nnever.'))
  expect([stdout, stderr]).toEqual(['', expect.stringContaining('No,\r\nnever.\r\n')])
})

it('gives up a question when the client leaves', async () => {
  const asked: unknown[] = []
  const over = new Promise<void>((resolve) => {
    act = (channel) => {
      readLine(channel, 'Name? ', true, channel.gone).catch((cause: unknown) => {
        asked.push(cause)
        resolve()
      })
      setImmediate(() => channel.channel.close())
    }
  })
  await door.ssh(['-tt', 'someone@127.0.0.1'])
  await over
  expect(asked).toHaveLength(1)
})

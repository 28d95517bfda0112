// Much through one connection of ssh: ten gigabytes each way while keys are renewed, and new keys at every 64 KiB.
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listSessions } from '../harness/saved-host.ts'
import { waitUntil } from '../harness/wait.ts'
import { goal, openStand, ssh, type Stand } from '../interop/stand.ts'
import { run } from '../interop/programs.ts'

const bytes = 10_000_000_000
// At 10 MB/s it would take a quarter of an hour; what stands still is not waited for longer.
const withinMs = 20 * 60_000
/** A stream that nobody can guess the next byte of, and that both ends can make again. */
const stream = `(openssl enc -aes-128-ctr -K ${randomBytes(16).toString('hex')} -iv ${'0'.repeat(32)} -in /dev/zero 2>/dev/null || :) | head -c ${bytes}`

let stand: Stand
let digest: string

beforeAll(async () => {
  // A host that renews its keys too.
  stand = await openStand(['RekeyLimit 1G'])
  digest = (await run('sh', ['-c', `${stream} | sha256sum`], { withinMs })).stdout.toString().slice(0, 64)
}, withinMs)
afterAll(() => stand?.close())

/** `ssh -v` through the door; `around` is a shell's line with SSH in the place of the client. Answers what it printed, and how often keys were renewed. */
async function bulk(around: string, command: string) {
  const [, door] = stand.routes
  const words = ['ssh', '-v', ...door.options, '-o', 'RekeyLimit=1G', '-p', `${door.port}`, goal(door), command]
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const from = performance.now()
  const ran = await run('bash', ['-o', 'pipefail', '-c', around.replace('SSH', () => quoted)], { withinMs, env: { HOME: door.home } })
  const seconds = (performance.now() - from) / 1000
  const rekeys = ran.stderr.toString().split('SSH2_MSG_NEWKEYS received').length - 2
  process.stdout.write(`${around.replace(stream, '…')}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, ${rekeys} rekeys\n`)
  return { code: ran.code, digest: ran.stdout.toString().slice(0, 64), rekeys }
}

/** What Sallyport says of the newest session. */
const told = () =>
  waitUntil('its end', async () => {
    const row = (await listSessions(stand.api, '?sort=-startedAt&size=1')).items[0]
    return row?.state === 'ended' ? row : undefined
  })

it('ten gigabytes come from the host whole, across at least nine rekeys', async () => {
  const ran = await bulk('SSH | sha256sum', stream)
  expect(ran).toMatchObject({ code: 0, digest })
  expect(ran.rekeys).toBeGreaterThanOrEqual(9)
  expect(await told()).toMatchObject({ endReason: 'exited', bytesOut: bytes })
})

it('ten gigabytes go to the host whole, across at least nine rekeys', async () => {
  const ran = await bulk(`${stream} | SSH`, 'sha256sum')
  expect(ran).toMatchObject({ code: 0, digest })
  expect(ran.rekeys).toBeGreaterThanOrEqual(9)
  expect(await told()).toMatchObject({ endReason: 'exited', bytesIn: bytes })
})

it('new keys at every 64 KiB lose nothing either way, twenty times (SSHT-09)', async () => {
  const [, door] = stand.routes
  for (let round = 0; round < 20; round += 1) {
    const content = randomBytes(1_500_000)
    const ran = await ssh(door, ['-v', '-o', 'RekeyLimit=64K', 'cat; exit 7'], { input: content })
    expect([ran.code, hash(ran.stdout)]).toEqual([7, hash(content)])
    expect(ran.stderr.toString().split('SSH2_MSG_NEWKEYS received').length - 2).toBeGreaterThanOrEqual(10)
  }
})
const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex')

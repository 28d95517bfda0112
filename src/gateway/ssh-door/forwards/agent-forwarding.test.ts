import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitUntil } from '../../../../test/harness/wait.ts'
import type { SessionAct } from '#domain/session-act.ts'
import { systemClock } from '#session/clock.ts'
import { type Channels, type OpenRequest } from '#ssh/channels.ts'
import { wireString, wireUint32 } from '#ssh/wire-reader.ts'
import type { HostConnection } from '../../far/host-connection.ts'
import { AgentForwarding } from './agent-forwarding.ts'
import { Heard, openTwoSides, type TwoSides } from './two-sides.fixture.ts'

const frame = (type: number, ...parts: Buffer[]) => wireString(Buffer.concat([Buffer.of(type), ...parts]))
const list = frame(11)
const identities = frame(12, wireUint32(0))

let sides: TwoSides
let agents: AgentForwarding
let from: HostConnection
let asked = 0
const acts: SessionAct[] = []
const host = (channels: Channels) => ({ channels }) as HostConnection
const loan = (of: HostConnection) => ({ host: of, acts: { isFull: false, add: (act: SessionAct) => void acts.push(act) } })

beforeAll(async () => {
  sides = await openTwoSides()
  agents = new AgentForwarding(sides.toOperator, systemClock, new AbortController().signal)
  // The client: its agent has no keys.
  sides.operator.onOpen = (request: OpenRequest) => {
    asked += 1
    const channel = request.accept()
    channel.listen({ data: (bytes) => bytes.equals(list) && void channel.write(identities), closed: () => undefined })
    channel.resume()
  }
  from = host(sides.toHost)
  sides.toHost.onOpen = (request) => agents.hostOpened(request, from)
}, 60_000)
afterAll(() => sides?.close())
const open = () => sides.host.open({ type: 'auth-agent@openssh.com' }, new AbortController().signal)
const prohibited = { code: 'channel_refused', detail: { reason: 1 } }

it('is there for the host of the session that has it, for no other, and no longer than that', async () => {
  await expect(open()).rejects.toMatchObject(prohibited)
  // Another host of the same client has it.
  const elsewhere = agents.lend(loan(host(sides.toOperator)))
  await expect(open()).rejects.toMatchObject(prohibited)
  elsewhere()
  const [first, second] = [agents.lend(loan(from)), agents.lend(loan(from))]
  const use = new Heard(await open())
  use.channel.write(list)
  await waitUntil('the answer', () => Buffer.concat(use.bytes).equals(identities))
  expect(acts).toMatchObject([{ act: 'agent', request: 'list', outcome: 'done' }])
  first()
  use.channel.write(list)
  await waitUntil('the second answer', () => use.length === 2 * identities.length)
  second()
  await waitUntil('the end', () => use.events.includes('closed'))
  await expect(open()).rejects.toMatchObject(prohibited)
  expect(asked).toBe(1)
})

it('is closed for who does not keep to its protocol', async () => {
  const back = agents.lend(loan(from))
  const use = new Heard(await open())
  use.channel.write(wireUint32(300 * 1024))
  await waitUntil('the end', () => use.events.includes('closed'))
  back()
})

it('is sixteen times open at most', async () => {
  const back = agents.lend(loan(from))
  const uses = await Promise.all(Array.from({ length: 16 }, open))
  await expect(open()).rejects.toMatchObject(prohibited)
  uses[0]?.close()
  await waitUntil('room', () =>
    open().then(
      () => true,
      () => false,
    ),
  )
  back()
})

import { expect, it } from 'vitest'
import type { SessionAct } from '#domain/session-act.ts'
import { HandClock, settled } from '#session/test-pair.ts'
import { maxLinkTextBytes } from '#wire/link.ts'
import { Acts } from './acts.ts'

const act = (at: number): SessionAct => ({ act: 'file', at, way: 'sftp', deed: 'mkdir', path: 'x', outcome: 'done' })

it('acts are told in order, a hundred at most at once, and the session waits when too many are not taken', async () => {
  const clock = new HandClock()
  const sent: { from: number; ats: number[]; taken: () => void }[] = []
  const acts = new Acts((from, all) => new Promise((taken) => sent.push({ from, ats: all.map(({ at }) => at), taken })), clock)
  let rooms = 0
  acts.onRoom = () => (rooms += 1)
  for (let at = 0; at < 500; at++) acts.add(act(at))
  expect([sent.length, acts.isFull]).toEqual([0, false])
  acts.add(act(500))
  expect(acts.isFull).toBe(true)
  clock.forward(200)
  expect(sent.map(({ from, ats }) => [from, ats.length])).toEqual([[0, 100]])
  // Nothing overtakes what is under way.
  acts.add(act(501))
  clock.forward(1000)
  expect([sent.length, acts.isFull]).toEqual([1, true])
  sent[0]?.taken()
  await settled()
  expect([sent.length, sent[1]?.from, acts.isFull, rooms]).toEqual([2, 100, false, 1])
  acts.flush()
  acts.add(act(502))
  expect(sent.flatMap(({ ats }) => ats)).toEqual(Array.from({ length: 503 }, (_, at) => at))
  expect(sent.map(({ from }) => from)).toEqual([0, 100, 200, 300, 400, 500, 502])
})

it('a report fits into a message of the link, whatever the paths are', async () => {
  const clock = new HandClock()
  const sent: SessionAct[][] = []
  const acts = new Acts((_from, all) => (sent.push(all), Promise.reject(new Error('refused'))), clock)
  const long = { ...act(0), deed: 'rename', path: '\0'.repeat(4096), to: '\0'.repeat(4096), outcome: 'failed', failure: '\0'.repeat(300) } as const
  for (let at = 0; at < 20; at++) acts.add(long)
  acts.flush()
  await settled()
  expect(Math.max(...sent.map((all) => Buffer.byteLength(JSON.stringify(all))))).toBeLessThan(maxLinkTextBytes - 1000)
  expect([sent.flat().length, sent.length < 20]).toEqual([20, true])
})

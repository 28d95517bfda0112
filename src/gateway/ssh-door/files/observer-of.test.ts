import { describe, expect, it } from 'vitest'
import type { FileRule } from '#domain/file-rule.ts'
import type { SessionAct } from '#domain/session-act.ts'
import { HandClock } from '#session/test-pair.ts'
import { observerOf } from './observer-of.ts'

const all: FileRule = { name: 'all', actions: ['upload', 'download'] }
const there: FileRule = { ...all, name: 'there', paths: ['/srv'] }
const small: FileRule = { ...all, name: 'small', maxBytes: 10 }

/** What was refused, undefined when it may begin. */
function refusal(command: string, files: FileRule[]): { failure: string | undefined; rule: string | undefined } | undefined {
  const acts: SessionAct[] = []
  const kind = command.startsWith('scp') ? 'scp' : 'rsync'
  try {
    observerOf({ kind, command: Buffer.from(command), may: ['upload', 'download'], files, digests: true, clock: new HandClock() }, (act) => void acts.push(act))
  } catch (cause) {
    const [act] = acts
    expect([(cause as { code: string }).code, acts.length]).toEqual(['not_granted', 1])
    return act?.act === 'file' ? { failure: act.failure, rule: act.rule } : undefined
  }
  expect(acts).toEqual([])
  return undefined
}
const copies = { scp: ['scp -t /srv/x', 'scp -f /srv/x'], rsync: ['rsync --server -e.LsfxCIvu . /srv/x', 'rsync --server --sender -e.LsfxCIvu . /srv/x'] }

describe('copies whose files are not seen as they are', () => {
  it('begin where a grant permits every file', () => {
    for (const command of [...copies.scp, ...copies.rsync]) expect(refusal(command, [there, small, all])).toBeUndefined()
  })

  it('do not begin where every grant is for folders, and say what can', () => {
    for (const command of copies.scp)
      expect(refusal(command, [there])).toMatchObject({ rule: 'there', failure: expect.stringMatching(/“there”.*scp without -O and sftp/) })
    for (const command of copies.rsync)
      expect(refusal(command, [there])).toMatchObject({ rule: 'there', failure: expect.stringMatching(/“there”.*use sftp or scp/) })
  })

  it('begin by scp where sizes are limited, not by rsync', () => {
    for (const command of copies.scp) expect(refusal(command, [there, small])).toBeUndefined()
    for (const command of copies.rsync) expect(refusal(command, [there, small])).toMatchObject({ rule: 'small' })
  })

  it('do not begin where nothing permits them', () => {
    for (const command of [...copies.scp, ...copies.rsync]) expect(refusal(command, [])?.failure).toMatch(/not part of your access/)
  })
})

import { describe, expect, it } from 'vitest'
import { endReasons } from '#domain/end-reason.ts'
import { failureCodes } from '#domain/failure.ts'
import { en } from '../words/en.ts'
import type { EndWords } from './ended-words.ts'
import { changedKey, endWords, hopOf } from './ended-words.ts'

const a = `SHA256:${'a'.repeat(43)}`
const b = `SHA256:${'b'.repeat(43)}`
const said = (key: string): unknown => key.split('.').reduce<unknown>((tree, part) => (tree as Record<string, unknown>)[part], en)
const sentences = ({ title, reason, detail, next }: EndWords) => [title, reason, ...(detail ? [detail] : []), ...(next ? [next] : [])]

describe('the words of an end', () => {
  it('tell why a terminal did not open', () => {
    expect(endWords({ reason: 'host_unreachable', failure: 'host_refused' }, false)).toMatchObject({
      failed: true,
      reason: 'failure.host_refused',
      act: 'again',
    })
    expect(endWords({ failure: 'ticket_expired' }, false)).toMatchObject({ title: 'terminals.ended.failedTitle', reason: 'failure.ticket_expired' })
    expect(endWords({ cut: true }, false)).toMatchObject({ failed: true, reason: 'failure.gateway_unavailable' })
  })
  it('tell why an open one ended, what was behind it, and what to do', () => {
    expect(endWords({ reason: 'exited', exitStatus: 3 }, true)).toMatchObject({
      failed: false,
      reason: 'endReason.exited',
      next: 'live.end.next.exited',
      act: 'again',
    })
    expect(endWords({ reason: 'recording_failed', failure: 'disk_full' }, true)).toMatchObject({
      failed: true,
      reason: 'endReason.recording_failed',
      detail: 'failure.disk_full',
      next: 'live.end.next.recording_failed',
    })
  })
  it('exist for every reason and every failure, before and after, for the owner and for who watches', () => {
    for (const watching of [false, true])
      for (const wasOpen of [false, true]) {
        const ends = [
          ...endReasons.map((reason) => ({ reason })),
          ...failureCodes.map((failure) => ({ failure })),
          { cut: true },
          { takenOver: true },
          { alive: true },
        ]
        for (const end of ends) for (const key of sentences(endWords(end, wasOpen, watching))) expect(said(key), key).toEqual(expect.any(String))
      }
  })
  it('offer no second try where it would be refused', () => {
    for (const end of [{ reason: 'grant_expired' }, { failure: 'forbidden' }, { failure: 'address_not_allowed' }])
      expect(endWords(end, false).act).toBeUndefined()
    expect(endWords({ reason: 'revoked' }, true).act).toBe('signIn')
    expect(endWords({ reason: 'host_key_changed', failure: 'host_key_changed' }, false).act).toBe('host')
  })
  it('offer to take back what still lives, or may', () => {
    for (const end of [{ takenOver: true, alive: true }, { alive: true }, { cut: true }]) expect(endWords(end, true).act).toBe('takeBack')
  })
  it('speak of watching where somebody watched', () => {
    expect(endWords({ reason: 'terminated' }, true, true)).toEqual({ title: 'live.end.watchOver', failed: false, reason: 'endReason.terminated' })
    expect(endWords({ failure: 'too_many_watchers' }, false, true)).toMatchObject({ reason: 'failure.too_many_watchers', act: 'again' })
    expect(endWords({ failure: 'forbidden' }, true, true).act).toBeUndefined()
  })
  it('do not trust words that the catalogue does not know', () => {
    expect(endWords({ reason: 'constructor', failure: 'toString' }, true)).toMatchObject({ reason: 'failure.internal' })
  })
  it('show both fingerprints of a changed key, and only fingerprints', () => {
    expect(changedKey({ offered: a, trusted: [b, { fingerprint: a }, 'nonsense', 7] })).toEqual({ offered: [a], trusted: [b, a] })
    expect(changedKey({ offered: '<img>' })).toBeUndefined()
    expect(changedKey(undefined)).toBeUndefined()
  })
})

describe('a host on the way', () => {
  it('is named when the failure says that it was there', () => {
    expect([hopOf({ hop: 'web1', offered: a }), hopOf({ hop: '' }), hopOf({ hop: 7 }), hopOf(undefined)]).toEqual(['web1', undefined, undefined, undefined])
  })
})

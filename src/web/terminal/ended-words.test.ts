import { describe, expect, it } from 'vitest'
import { changedKey, endWords } from './ended-words.ts'

const a = `SHA256:${'a'.repeat(43)}`
const b = `SHA256:${'b'.repeat(43)}`

describe('the words of an end', () => {
  it('tell why a terminal did not open', () => {
    expect(endWords({ reason: 'host_unreachable', failure: 'host_refused' }, false)).toEqual({ failed: true, reason: 'failure.host_refused' })
    expect(endWords({ failure: 'ticket_expired' }, false)).toEqual({ failed: true, reason: 'failure.ticket_expired' })
    expect(endWords({ cut: true }, false)).toEqual({ failed: true, reason: 'failure.gateway_unavailable' })
  })
  it('tell why an open one ended', () => {
    expect(endWords({ reason: 'exited', exitStatus: 3 }, true)).toEqual({ failed: false, reason: 'endReason.exited' })
    expect(endWords({ reason: 'recording_failed', failure: 'disk_full' }, true)).toEqual({
      failed: true,
      reason: 'endReason.recording_failed',
      advice: 'failure.disk_full',
    })
    expect(endWords({ cut: true }, true)).toEqual({ failed: false, reason: 'terminals.ended.lost' })
  })
  it('do not trust words that the catalogue does not know', () => {
    expect(endWords({ reason: 'constructor', failure: 'toString' }, true)).toEqual({ failed: false, reason: 'failure.internal' })
  })
  it('show both fingerprints of a changed key, and only fingerprints', () => {
    expect(changedKey({ offered: a, trusted: [b, { fingerprint: a }, 'nonsense', 7] })).toEqual({ offered: [a], trusted: [b, a] })
    expect(changedKey({ offered: '<img>' })).toBeUndefined()
    expect(changedKey(undefined)).toBeUndefined()
  })
})

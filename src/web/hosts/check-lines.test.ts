import { describe, expect, it } from 'vitest'
import { judgeScan, linesOf } from './check-lines.ts'

const key = (letter: string) => ({ type: 'ssh-ed25519', key: letter.repeat(68), fingerprint: `SHA256:${letter.repeat(43)}` })

describe('the lines of a check', () => {
  it('show what came, and nothing of what did not', () => {
    expect(
      linesOf([
        { step: 'reach', ok: true, message: '' },
        { step: 'key', ok: false, failure: 'host_key_changed', message: '' },
      ]),
    ).toEqual({ reach: { state: 'ok' }, key: { state: 'failed', failure: 'host_key_changed' }, 'sign-in': { state: 'waiting' } })
  })
  it('call a host changed only when none of its keys is trusted', () => {
    expect(judgeScan([key('a'), key('b')], [])).toBe('unknown')
    expect(judgeScan([key('a'), key('b')], [key('b')])).toBe('trusted')
    expect(judgeScan([key('a')], [key('b')])).toBe('changed')
    expect(judgeScan([], [key('b')])).toBe('changed')
  })
})

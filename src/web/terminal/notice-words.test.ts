import { describe, expect, it } from 'vitest'
import { isPressing, noticeWords, shownForMs } from './notice-words.ts'

describe('the words of a notice', () => {
  it('are those of the catalogue, with sizes as people read them', () => {
    const notice = { level: 'info' as const, text: 'x', about: { code: 'bytes_passed', bytes: 20_000_000 } }
    expect(noticeWords(notice)).toEqual({ key: 'live.notice.bytes_passed', slots: { size: '20 MB', seconds: 0, at: '', host: '', fingerprint: '', rule: '' } })
    expect(isPressing(notice)).toBe(false)
  })
  it('press where a session is about to end, until it does', () => {
    const notice = { level: 'warning' as const, text: 'x', about: { code: 'idle_soon', seconds: 60 } }
    expect(isPressing(notice)).toBe(true)
    expect(shownForMs(notice)).toBe(60_000)
    const granted = { level: 'warning' as const, text: 'x', about: { code: 'grant_ends_soon', seconds: 299, at: new Date(2026, 10, 21, 19, 17, 5).getTime() } }
    expect(noticeWords(granted)).toMatchObject({ key: 'live.notice.grant_ends_soon', slots: { at: '19:17:05' } })
    expect([isPressing(granted), shownForMs(granted)]).toEqual([true, 299_000])
    expect(isPressing({ level: 'info', text: 'x', about: { code: 'grant_prolonged' } })).toBe(true)
  })
  it('are the gateway’s own where the catalogue has none, as plain text', () => {
    for (const about of [undefined, { code: 'constructor' }, { code: 'later_invention' }])
      expect(noticeWords({ level: 'info', text: 'one\u001b[31mtwo\u202e', ...(about ? { about } : {}) })).toEqual({ text: 'one[31mtwo' })
    expect(isPressing({ level: 'error', text: 'x' })).toBe(true)
    expect(isPressing({ level: 'info', text: 'x' })).toBe(false)
    const written = { level: 'info' as const, text: 'All is recorded. Ask Bo.', about: { code: 'recording_notice' } }
    expect([noticeWords(written), isPressing(written)]).toEqual([{ text: 'All is recorded. Ask Bo.' }, true])
    expect(isPressing({ level: 'info', text: 'x', about: { code: 'recorded' } })).toBe(false)
    const accepted = { level: 'warning' as const, text: 'x', about: { code: 'host_key_accepted', host: 'web\u001b1', fingerprint: 'SHA256:x' } }
    expect(noticeWords(accepted)).toMatchObject({ key: 'live.notice.host_key_accepted', slots: { host: 'web1', fingerprint: 'SHA256:x' } })
    expect(isPressing(accepted)).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { joinPair, ScriptedNear, settled } from './test-pair.ts'

/** The wall clock of a pair when it begins. */
const began = 1_800_000_000_000
const minute = 60_000
const granted = (forMs: number) => joinPair({ idleMs: 1e9, endsAt: began + forMs })

describe('the end of a permission (AUTHZ-08)', () => {
  it('is warned of five minutes and one minute before, and comes by the gateway’s own clock', async () => {
    const { clock, near, far, session } = granted(60 * minute)
    await settled()
    clock.forward(55 * minute - 1)
    expect(near.notices).toEqual([])
    clock.forward(1)
    expect(near.notices).toEqual(['warning: Your access to this host ends in 5 minutes. Save your work.'])
    expect(near.abouts).toEqual([{ code: 'grant_ends_soon', seconds: 300, at: began + 60 * minute }])
    clock.forward(4 * minute)
    expect(near.abouts[1]).toMatchObject({ code: 'grant_ends_soon', seconds: 60 })
    clock.forward(minute - 1)
    expect(near.abouts).toHaveLength(2)
    expect(session.end).toBeUndefined()
    clock.forward(1)
    expect(session.end).toMatchObject({ reason: 'grant_expired', message: 'The time for which you were given access to this host is over.' })
    expect(far.closes).toBe(1)
  })

  it('is told at once to whoever sits down within the five minutes, with what is left, and not twice', async () => {
    const { clock, near, session, controls } = granted(4 * minute)
    await settled()
    expect(near.abouts).toMatchObject([{ code: 'grant_ends_soon', seconds: 240 }])
    clock.forward(2 * minute)
    expect(near.abouts).toHaveLength(1)
    controls.gone()
    const back = new ScriptedNear()
    session.attach(back, 0)
    await settled()
    expect(back.abouts).toMatchObject([{ code: 'grant_ends_soon', seconds: 120 }])
    clock.forward(minute)
    expect(back.abouts[1]).toMatchObject({ code: 'grant_ends_soon', seconds: 60 })
    clock.forward(minute)
    expect(session.end?.reason).toBe('grant_expired')
  })

  it('moves away with a longer grant, of which whoever was warned is told, and is warned of anew', async () => {
    const { clock, near, session } = granted(60 * minute)
    await settled()
    clock.forward(56 * minute)
    session.endsAt = began + 120 * minute
    expect(near.notices.at(-1)).toBe('info: You were given more time: this session goes on.')
    clock.forward(59 * minute)
    expect(session.end).toBeUndefined()
    expect(near.abouts.map(({ code }) => code)).toEqual(['grant_ends_soon', 'grant_prolonged', 'grant_ends_soon'])
    session.endsAt = undefined
    clock.forward(120 * minute)
    expect(session.end).toBeUndefined()
  })

  it('comes nearer with a shorter one: warned of at once, or true at once', async () => {
    const { clock, near, session } = joinPair({ idleMs: 1e9 })
    await settled()
    expect(session.endsAt).toBeUndefined()
    session.endsAt = began + 2 * minute
    expect(near.abouts).toMatchObject([{ code: 'grant_ends_soon', seconds: 120 }])
    clock.forward(30_000)
    session.endsAt = began + 10_000
    expect(session.end?.reason).toBe('grant_expired')
    session.endsAt = began + 60 * minute
    expect([session.end?.reason, session.endsAt]).toEqual(['grant_expired', began + 10_000])
  })

  it('lies too far for a timer without asking for one each millisecond', () => {
    const { clock, session } = granted(400 * 24 * 60 * minute)
    const { after } = clock
    let asked = 0
    clock.after = (delayMs, call) => {
      asked += 1
      expect(delayMs).toBeLessThan(2 ** 31)
      return after.call(clock, delayMs, call)
    }
    clock.forward(60 * minute)
    expect(asked).toBeLessThan(1000)
    expect(session.end).toBeUndefined()
  })
})

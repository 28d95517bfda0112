import { expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { HandClock, joinPair } from '#session/test-pair.ts'
import { ResumeKeys } from './resume-keys.ts'

const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
  return undefined
}

it('knows a session by its newest key, and by the one that was shown last until the newest is confirmed', () => {
  const keys = new ResumeKeys(new HandClock())
  const { session } = joinPair()
  const first = keys.issue(session, undefined)
  expect(keys.find(session.id, first, undefined)).toEqual({ session })
  const second = keys.renew(session, first)
  expect(keys.find(session.id, first, undefined)).toEqual({ session })
  expect(keys.find(session.id, second, undefined)).toEqual({ session })
  keys.confirmed(session.id)
  expect(codeOf(() => keys.find(session.id, first, undefined))).toBe('session_not_found')
  expect(keys.find(session.id, second, undefined)).toEqual({ session })
  expect(first).toMatch(/^[\w-]{43}$/)
})

it('keeps the session though one WELCOME after another is lost, whether it was the WELCOME or the first ACK', () => {
  const keys = new ResumeKeys(new HandClock())
  const { session } = joinPair()
  const first = keys.issue(session, undefined)
  for (let lost = 0; lost < 5; lost++) {
    expect(keys.find(session.id, first, undefined)).toEqual({ session })
    keys.renew(session, first)
  }
  const arrived = keys.renew(session, first)
  // Its ACK was lost, and so is the next WELCOME.
  keys.renew(session, arrived)
  expect(keys.find(session.id, arrived, undefined)).toEqual({ session })
  keys.renew(session, arrived)
  expect(keys.find(session.id, arrived, undefined)).toEqual({ session })
  expect(codeOf(() => keys.find(session.id, first, undefined))).toBe('session_not_found')
})

it('is good for nobody else once another device has taken over, also before that one has said a word', () => {
  const keys = new ResumeKeys(new HandClock())
  const { session } = joinPair()
  const first = keys.issue(session, undefined)
  const taken = keys.issue(session, undefined)
  expect(codeOf(() => keys.find(session.id, first, undefined))).toBe('session_not_found')
  expect(keys.find(session.id, taken, undefined)).toEqual({ session })
})

it('follows a program that takes over from a browser and has no cookie', () => {
  const keys = new ResumeKeys(new HandClock())
  const { session } = joinPair()
  keys.issue(session, 'cookie-of-alice')
  const taken = keys.issue(session, undefined)
  expect(keys.find(session.id, taken, undefined)).toEqual({ session })
})

it('refuses alike a wrong key, another session, and another browser’s cookie', () => {
  const keys = new ResumeKeys(new HandClock())
  const { session } = joinPair()
  const key = keys.issue(session, 'cookie-of-alice')
  const asked: [string, string, string | undefined][] = [
    [session.id, `${key.slice(0, -1)}!`, 'cookie-of-alice'],
    [session.id, key, 'cookie-of-bob'],
    [session.id, key, undefined],
    ['se_other', key, 'cookie-of-alice'],
  ]
  const messages = asked.map(([id, shown, cookie]) => {
    try {
      keys.find(id, shown, cookie)
    } catch (error) {
      return error instanceof Failure ? `${error.code} ${error.message}` : String(error)
    }
    return 'let in'
  })
  expect(new Set(messages).size).toBe(1)
  expect(messages[0]).toMatch(/^session_not_found/)
  expect(keys.find(session.id, key, 'cookie-of-alice')).toEqual({ session })
  // Another sign-in took over: its cookie counts from here on.
  const next = keys.issue(session, 'cookie-of-her-phone')
  expect(codeOf(() => keys.find(session.id, next, 'cookie-of-alice'))).toBe('session_not_found')
  expect(keys.find(session.id, next, 'cookie-of-her-phone')).toEqual({ session })
})

it('forgets a session whose owner heard its end, and keeps an unheard end for the grace time', async () => {
  const clock = new HandClock()
  const keys = new ResumeKeys(clock)
  const left = joinPair(undefined, 'se_left')
  keys.issue(left.session, undefined)
  keys.heard('se_left')
  left.controls.left()
  left.tap.turn()
  await left.session.whenEnded
  await Promise.resolve()
  expect(keys.size).toBe(0)

  const { session, far, tap } = joinPair({ idleMs: 1e9, graceMs: 900_000 }, 'se_cut')
  const key = keys.issue(session, undefined)
  // Its line was dead already, which nobody had noticed.
  far.exit({ exitStatus: 3 })
  tap.turn()
  await session.whenEnded
  await Promise.resolve()
  expect(keys.find('se_cut', key, undefined)).toMatchObject({ end: { reason: 'exited', exitStatus: 3 } })
  expect(keys.find('se_cut', key, undefined)).toMatchObject({ end: { reason: 'exited' } })
  keys.heard('se_cut')
  expect(codeOf(() => keys.find('se_cut', key, undefined))).toBe('session_not_found')
  expect([keys.size, clock.timers]).toEqual([0, 0])
})

it('forgets an unheard end when the grace is over', async () => {
  const clock = new HandClock()
  const keys = new ResumeKeys(clock)
  const { session, controls, tap } = joinPair({ idleMs: 1e9, graceMs: 900_000 })
  const key = keys.issue(session, undefined)
  controls.gone()
  session.terminate({ reason: 'drained', by: 'Sallyport', text: 'restart' })
  tap.turn()
  await session.whenEnded
  await Promise.resolve()
  clock.forward(899_999)
  expect(keys.size).toBe(1)
  clock.forward(1)
  expect(codeOf(() => keys.find(session.id, key, undefined))).toBe('session_not_found')
  expect(keys.size).toBe(0)
})

it('knows the owner of a live session by what the present one showed, and nobody where that was nothing', async () => {
  const keys = new ResumeKeys(new HandClock())
  const [{ session }, { session: open }] = [joinPair(), joinPair()]
  keys.issue(session, 'cookie of ada')
  expect([keys.isOwner(session.id, 'cookie of ada'), keys.isOwner(session.id, 'cookie of eve')]).toEqual([true, false])
  // Taken over: the one before is nobody here.
  keys.issue(session, 'newer cookie')
  expect([keys.isOwner(session.id, 'cookie of ada'), keys.isOwner(session.id, 'newer cookie')]).toEqual([false, true])
  keys.issue(open, undefined)
  expect([keys.isOwner('se_x', ''), keys.isOwner('se_x', 'cookie of ada')]).toEqual([false, false])
  session.terminate({ reason: 'terminated', by: 'Ada', text: '' })
  expect(keys.isOwner(session.id, 'newer cookie')).toBe(false)
  keys.close()
})

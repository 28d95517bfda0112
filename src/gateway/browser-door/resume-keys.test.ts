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

it('knows a session by its newest key, and by the one before until the newest is confirmed', () => {
  const keys = new ResumeKeys(new HandClock())
  const { session } = joinPair()
  const first = keys.issue(session, undefined)
  expect(keys.find(session.id, first, undefined)).toEqual({ session })
  const second = keys.issue(session, undefined)
  expect(keys.find(session.id, first, undefined)).toEqual({ session })
  expect(keys.find(session.id, second, undefined)).toEqual({ session })
  keys.confirmed(session.id)
  expect(codeOf(() => keys.find(session.id, first, undefined))).toBe('session_not_found')
  expect(keys.find(session.id, second, undefined)).toEqual({ session })
  expect(first).toMatch(/^[\w-]{43}$/)
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

it('forgets a session whose owner heard its end, and keeps an unheard end for the grace time, told once', async () => {
  const clock = new HandClock()
  const keys = new ResumeKeys(clock)
  const heard = joinPair(undefined, 'se_heard')
  keys.issue(heard.session, undefined)
  heard.far.exit({ exitStatus: 0 })
  heard.tap.turn()
  await heard.session.whenEnded
  await Promise.resolve()
  expect(keys.size).toBe(0)

  const away = joinPair({ idleMs: 1e9, graceMs: 900_000 }, 'se_away')
  const key = keys.issue(away.session, undefined)
  away.controls.gone()
  away.session.terminate({ reason: 'terminated', by: 'Root', text: 'enough' })
  away.tap.turn()
  await away.session.whenEnded
  await Promise.resolve()
  expect(keys.find('se_away', key, undefined)).toMatchObject({ end: { reason: 'terminated', message: 'Terminated by Root: enough' } })
  expect(codeOf(() => keys.find('se_away', key, undefined))).toBe('session_not_found')
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

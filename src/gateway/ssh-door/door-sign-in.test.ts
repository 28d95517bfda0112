import { beforeEach, expect, it } from 'vitest'
import { Failure, type FailureCode } from '#domain/failure.ts'
import { Secret } from '#domain/secret.ts'
import type { DoorSignIn } from '#wire/door.ts'
import type { Ask } from '#wire/link.ts'
import { DoorAuthenticator } from './door-sign-in.ts'
import type { DoorWork } from './door-work.ts'

const caller = { source: '192.0.2.7', client: 'OpenSSH_9.2p1' }
const signedIn: DoorSignIn = { state: 'signed-in', signIn: '0'.repeat(64), operator: { id: 'op_1', username: 'ada', name: 'Ada' } }
const approval = { approval: 'a1', url: 'https://bastion.example/approve/x', number: '4711', minutes: 2 }
const offered = { algorithm: 'ssh-ed25519', blob: Buffer.from('blob') }
const signed = { ...offered, data: Buffer.from('data'), signature: Buffer.from('signature') }

let asked: Ask[]
let answers: Record<string, unknown>
let door: DoorAuthenticator
let unused: string[]
/** Control, as a list of what it says to each kind of question; a code is thrown. */
function play(next: Record<string, unknown>): void {
  answers = next
}
beforeEach(() => {
  asked = []
  unused = []
  answers = {}
  const ask = (body: Ask) => {
    asked.push(body)
    const said = answers[body.ask]
    const one: unknown = Array.isArray(said) ? said.shift() : said
    return typeof one === 'string' ? Promise.reject(new Failure(one as FailureCode, `in words: ${one}`)) : Promise.resolve(one)
  }
  const silent = () => undefined
  door = new DoorAuthenticator({ link: { ask }, log: { info: silent, error: silent } } as unknown as Pick<DoorWork, 'link' | 'log'>, caller, ({ signIn }) =>
    unused.push(signIn),
  )
})
const secret = (text: string) => new Secret(text)
const refused = { state: 'refused' }

it('never lets anybody in without a proof', async () => {
  expect(await door.none()).toEqual(refused)
  expect(asked).toEqual([])
})

it('hands control what was typed and shown, and keeps who it is only when control says so (AUTH-01)', async () => {
  play({ 'key-offered': { isKnown: true }, 'sign-in': [{ state: 'refused' }, signedIn] })
  expect(await door.keyOffered('ada+web1', offered)).toBe(true)
  expect(door.signedIn).toBeUndefined()
  expect(await door.key('ada+web1', signed)).toEqual(refused)
  expect(door.signedIn).toBeUndefined()
  expect(await door.password('ada+web1', secret('open sesame'))).toEqual({ state: 'accepted' })
  expect(door.signedIn).toEqual(signedIn)
  expect(asked.at(-1)).toEqual({ ask: 'sign-in', typed: 'ada+web1', ...caller, proof: { by: 'password', password: 'open sesame' } })
})

it.each([
  ['control_unreachable', { state: 'closed', text: 'in words: control_unreachable' }],
  ['rate_limited', { state: 'closed', text: 'in words: rate_limited' }],
  ['sign_in_failed', refused],
  ['asset_not_found', refused],
] as const)('answers %s with %j', async (code, verdict) => {
  play({ 'sign-in': code, 'key-offered': code })
  expect(await door.password('ada', secret('x'))).toEqual(verdict)
  expect(await door.key('ada', signed)).toEqual(verdict)
  expect(await door.keyOffered('ada', offered)).toBe(false)
  expect(door.signedIn).toBeUndefined()
})

it('does not ask about names and passwords that are nobody’s (AUTH-14)', async () => {
  play({ 'sign-in': signedIn, 'key-offered': { isKnown: true } })
  expect(await door.password('a'.repeat(301), secret('x'))).toEqual(refused)
  expect(await door.keyOffered('a'.repeat(301), offered)).toBe(false)
  expect(await door.password('ada', secret('x'.repeat(1025)))).toEqual(refused)
  expect(asked).toEqual([])
})

it('asks for the code after a key or a password, by keyboard-interactive alone, and after a password in the same dialog', async () => {
  play({ 'sign-in': [{ state: 'code', half: 'h1' }, { state: 'refused' }, signedIn] })
  expect(await door.key('ada', signed)).toEqual({ state: 'partial', methods: ['keyboard-interactive'] })
  expect(await door.keyboard('ada').next(undefined)).toMatchObject({ prompts: [{ prompt: expect.stringContaining('Code') as string }] })
  const dialog = door.keyboard('ada')
  await dialog.next(undefined)
  expect(await dialog.next([secret(' 123456 ')])).toEqual(refused)
  expect(asked.at(-1)).toMatchObject({ proof: { by: 'code', half: 'h1', code: '123456' } })

  play({ 'sign-in': [{ state: 'code', half: 'h2' }, signedIn] })
  const other = new DoorAuthenticator(
    { link: { ask: (body: Ask) => (asked.push(body), Promise.resolve((answers['sign-in'] as unknown[]).shift())) }, log: {} } as unknown as Pick<
      DoorWork,
      'link' | 'log'
    >,
    caller,
    () => undefined,
  )
  const whole = other.keyboard('ada')
  expect(await whole.next(undefined)).toMatchObject({ prompts: [{ echo: false }] })
  expect(await whole.next([secret('open sesame')])).toMatchObject({ prompts: [{ prompt: expect.stringContaining('Code') as string }] })
  expect(await whole.next([secret('123456')])).toEqual({ state: 'accepted' })
})

it('shows link, number and address for an empty password, and looks until it is decided', async () => {
  play({ 'ask-approval': approval, 'sign-in': [{ state: 'waiting' }, { state: 'waiting' }, signedIn] })
  const dialog = door.keyboard('ada')
  await dialog.next(undefined)
  const question = await dialog.next([secret('')])
  if ('state' in question) throw new Error('no question')
  for (const part of [approval.url, approval.number, caller.source]) expect(question.instructions).toContain(part)
  expect(await dialog.next([secret('')])).toEqual({ state: 'accepted' })
  expect(asked.filter((each) => each.ask === 'sign-in')).toHaveLength(3)
})

it('stops looking when the client has gone', async () => {
  play({ 'ask-approval': approval, 'sign-in': { state: 'waiting' } })
  const dialog = door.keyboard('ada')
  await dialog.next(undefined)
  await dialog.next([secret('')])
  const outcome = dialog.next([secret('')])
  dialog.cancel()
  expect(await outcome).toEqual(refused)
  expect(door.signedIn).toBeUndefined()
})

it('takes a key alone for enroll, and signs nobody in by it', async () => {
  play({ 'ask-enrollment': approval })
  expect(await door.keyOffered('enroll', offered)).toBe(true)
  expect(await door.password('enroll', secret('x'))).toMatchObject({ state: 'closed' })
  expect(await door.keyboard('enroll').next(undefined)).toMatchObject({ state: 'closed' })
  expect(await door.key('enroll', signed)).toEqual({ state: 'accepted' })
  expect([door.signedIn, door.enrollment]).toEqual([undefined, { ...approval, blob: offered.blob }])
  play({ 'ask-enrollment': 'sign_in_failed' })
  expect(await door.key('enroll', signed)).toEqual(refused)
})

it('tells control of a sign-in that no connection has', async () => {
  const second = { ...signedIn, signIn: '1'.repeat(64) }
  play({ 'sign-in': [signedIn, second, signedIn] })
  await door.password('ada', secret('x'))
  await door.password('ada', secret('x'))
  expect(unused).toEqual([signedIn.signIn])
  door.abandon()
  expect(unused).toEqual([signedIn.signIn, second.signIn])
  expect(await door.password('ada', secret('x'))).toEqual(refused)
  expect(unused).toEqual([signedIn.signIn, second.signIn, signedIn.signIn])
  expect(door.signedIn).toBeUndefined()
})

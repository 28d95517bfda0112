import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitUntil } from '../../test/harness/wait.ts'
import type { Authenticator, KeyboardQuestion, Verdict } from './authenticator.ts'
import { RawClient } from './raw-ssh-client.fixture.ts'
import { startTestDoor, type DoorOptions, type TestDoor } from './test-door.fixture.ts'
import { wireString, wireUint32, WireReader } from './wire-reader.ts'

const accepted: Verdict = { state: 'accepted' }
const refused: Verdict = { state: 'refused' }
const question = (prompts: number): KeyboardQuestion => ({
  name: 'n',
  instructions: 'i',
  prompts: Array.from({ length: prompts }, () => ({ prompt: 'p: ', echo: false })),
})
const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(32, 5))])
const rsaBlob = Buffer.concat([wireString('ssh-rsa'), wireString(Buffer.of(3)), wireString(Buffer.alloc(256, 5))])

/** What the authenticator was asked, in order; `verdicts` by kind of question, accepted for none. */
let calls: string[]
let cancelled: number
let verdicts: Partial<Record<'none' | 'key' | 'password', (user: string) => Promise<Verdict>>>
let dialog: (round: number, answers: string[]) => Promise<KeyboardQuestion | Verdict>
const authenticator: Authenticator = {
  none: async (user) => (calls.push(`none ${user}`), (await verdicts.none?.(user)) ?? refused),
  keyOffered: async (user, key) => (calls.push(`offered ${user} ${key.algorithm}`), key.blob.equals(blob)),
  key: async (user) => (calls.push(`key ${user}`), (await verdicts.key?.(user)) ?? refused),
  password: async (user, password) => (calls.push(`password ${user} ${password.revealText()}`), (await verdicts.password?.(user)) ?? refused),
  keyboard: () => {
    let round = 0
    return {
      next: async (answers) => (calls.push(`next ${answers?.length ?? ''}`), await dialog(round++, answers?.map((answer) => answer.revealText()) ?? [])),
      cancel: () => (cancelled += 1),
    }
  },
}

let door: TestDoor | undefined
const open = async (options: Partial<DoorOptions> = {}) => {
  door = await startTestDoor({ authenticator: () => authenticator, ...options })
  const client = await RawClient.open(door.port)
  await client.service()
  return client
}
const outcome = async () => await door?.knocks.at(-1)?.outcome
const offer = (client: RawClient, user: string, algorithm: string, key: Buffer) =>
  client.request(user, 'publickey', Buffer.of(0), wireString(algorithm), wireString(key))
const sign = (client: RawClient, user: string, algorithm = 'ssh-ed25519', key = blob) =>
  client.request(
    user,
    'publickey',
    Buffer.of(1),
    wireString(algorithm),
    wireString(key),
    wireString(Buffer.concat([wireString(algorithm), wireString(Buffer.alloc(64))])),
  )
const keyboard = (client: RawClient, user: string) => client.request(user, 'keyboard-interactive', wireString(''), wireString(''))
const answer = (client: RawClient, ...answers: (string | Buffer)[]) =>
  client.send(Buffer.of(61), wireUint32(answers.length), ...answers.map((each) => wireString(each)))
const failure = async (client: RawClient) => {
  const reader = new WireReader((await client.next(51)).subarray(1))
  return { methods: reader.text(), isPartial: reader.byte() === 1 }
}
const all = { methods: 'publickey,password,keyboard-interactive', isPartial: false }

beforeEach(() => {
  calls = []
  cancelled = 0
  verdicts = {}
  dialog = async () => refused
})
afterEach(async () => {
  await door?.close()
  door = undefined
})

describe('signing in, a hostile client', () => {
  it('gains nothing by offering somebody’s key without signing', async () => {
    const client = await open()
    offer(client, 'alice', 'ssh-ed25519', blob)
    expect(await client.next()).toEqual(Buffer.concat([Buffer.of(60), wireString('ssh-ed25519'), wireString(blob)]))
    client.password('alice', 'mallory’s own')
    expect(await failure(client)).toEqual(all)
    client.request('alice', 'none')
    expect(await failure(client)).toEqual(all)
    expect(calls).toEqual(['offered alice ssh-ed25519', 'password alice mallory’s own', 'none alice'])
    expect(door?.knocks[0]?.transport.isSignedIn).toBe(false)
  })

  it('cannot change its name on the way, and no step counts for another', async () => {
    verdicts.password = async () => ({ state: 'partial' })
    verdicts.key = async () => accepted
    const client = await open()
    client.password('alice', 'right')
    expect(await failure(client)).toEqual({ methods: 'publickey,keyboard-interactive', isPartial: true })
    sign(client, 'root')
    expect(await client.end()).toEqual({ reason: 2, text: 'the user name changed while signing in' })
    expect(calls).toEqual(['password alice right'])
    expect(await outcome()).toMatchObject({ code: 'client_protocol_error' })
  })

  it('has six attempts', async () => {
    const client = await open()
    client.request('alice', 'none')
    expect(await failure(client)).toEqual(all)
    for (let at = 0; at < 5; at++) {
      client.password('alice', `guess ${at}`)
      expect(await failure(client)).toEqual(all)
    }
    client.password('alice', 'guess 6')
    expect(await client.end()).toEqual({ reason: 14, text: 'Too many authentication failures' })
    expect(calls).toHaveLength(7)
    expect(await outcome()).toBeInstanceOf(Error)
  })

  it('has no more attempts by asking in other ways, or for methods that there are not', async () => {
    const client = await open()
    const ways = [
      () => client.request('alice', 'none'),
      () => client.request('alice', 'none'),
      () => client.request('alice', 'hostbased', wireString('ssh-ed25519'), wireString(blob), wireString('h'), wireString('u'), wireString('s')),
      () => client.request('alice', 'gssapi-with-mic', wireUint32(0)),
      () => sign(client, 'alice'),
      () => keyboard(client, 'alice'),
    ]
    for (const way of ways) {
      way()
      expect(await failure(client)).toEqual(all)
    }
    client.password('alice', 'guess')
    expect(await client.end()).toMatchObject({ reason: 14 })
  })

  it('may offer twenty keys for nothing, as agents do, and then each counts', async () => {
    const client = await open()
    for (let at = 0; at < 25; at++) {
      offer(client, 'alice', 'rsa-sha2-512', rsaBlob)
      expect(await failure(client)).toEqual(all)
    }
    offer(client, 'alice', 'rsa-sha2-512', rsaBlob)
    expect(await client.end()).toMatchObject({ reason: 14 })
  }, 20_000)

  it('cannot go on without end, whatever comes of it', async () => {
    const client = await open()
    for (let at = 0; at < 64; at++) {
      offer(client, 'alice', 'ssh-ed25519', blob)
      await client.next(60)
    }
    offer(client, 'alice', 'ssh-ed25519', blob)
    expect(await client.end()).toMatchObject({ reason: 2, text: 'sign-in requests without end' })
  })

  it.each([
    ['SHA-1', 'ssh-rsa', rsaBlob],
    ['an algorithm of another key', 'ssh-ed25519', rsaBlob],
    ['a certificate', 'ssh-ed25519-cert-v01@openssh.com', Buffer.concat([wireString('ssh-ed25519-cert-v01@openssh.com'), wireString('x')])],
    ['no key at all', 'ssh-ed25519', Buffer.of(1)],
    ['a key of 9 KB', 'ssh-ed25519', Buffer.concat([wireString('ssh-ed25519'), Buffer.alloc(9000)])],
  ])('asks nobody with %s', async (_name, algorithm, key) => {
    const client = await open()
    offer(client, 'alice', algorithm, key)
    expect(await failure(client)).toEqual(all)
    sign(client, 'alice', algorithm, key)
    expect(await failure(client)).toEqual(all)
    expect(calls).toEqual([])
  })

  it.each([
    ['larger than a kilobyte', Buffer.alloc(1025, 120)],
    ['of 30 KB', Buffer.alloc(30_000, 120)],
    ['with a zero byte', Buffer.from('a\0b')],
    ['that is no UTF-8', Buffer.of(0xc3, 0x28)],
  ])('asks nobody with a password %s', async (_name, password) => {
    const client = await open()
    client.password('alice', password)
    expect(await failure(client)).toEqual(all)
    expect(calls).toEqual([])
  })

  it('cannot change a password', async () => {
    const client = await open()
    client.request('alice', 'password', Buffer.of(1), wireString('old'), wireString('new'))
    expect(await failure(client)).toEqual(all)
    expect(calls).toEqual([])
  })

  it.each([
    ['empty', Buffer.alloc(0)],
    ['with a line feed', Buffer.from('alice\nroot')],
    ['with a zero byte', Buffer.from('alice\0')],
    ['that is no UTF-8', Buffer.of(0xff)],
    ['of 30 KB', Buffer.alloc(30_000, 97)],
  ])('is refused like anybody with a name %s, and nobody is asked', async (_name, user) => {
    const client = await open()
    client.request(user, 'none')
    expect(await failure(client)).toEqual(all)
    client.password(user, 'x')
    expect(await failure(client)).toEqual(all)
    expect(calls).toEqual([])
  })

  it.each([
    ['cut short', Buffer.concat([Buffer.of(50), wireString('alice'), wireString('ssh-connection'), wireString('password'), Buffer.of(0), wireUint32(99)])],
    ['longer than it says', Buffer.concat([Buffer.of(50), wireString('alice'), wireString('ssh-connection'), wireString('none'), Buffer.of(0)])],
    ['without a method', Buffer.concat([Buffer.of(50), wireString('alice'), wireString('ssh-connection')])],
  ])('is cut for a request %s', async (_name, payload) => {
    const client = await open()
    client.send(payload)
    expect(await client.end()).toEqual({ reason: 2, text: 'a malformed sign-in message' })
  })

  it('is given no other service', async () => {
    const client = await open()
    client.send(Buffer.of(50), wireString('alice'), wireString('ssh-other'), wireString('none'))
    expect(await client.end()).toMatchObject({ reason: 7 })
  })

  it('is answered in order, one request beside the one that is decided, and no more', async () => {
    let decide: (verdict: Verdict) => void = () => undefined
    verdicts.password = () => new Promise((resolve) => (decide = resolve))
    const client = await open()
    client.password('alice', 'one')
    client.request('alice', 'none')
    await waitUntil('the first to be asked', () => calls.length === 1)
    decide(refused)
    await failure(client)
    await failure(client)
    expect(calls).toEqual(['password alice one', 'none alice'])
    client.password('alice', 'two')
    client.request('alice', 'none')
    client.request('alice', 'none')
    expect(await client.end()).toEqual({ reason: 2, text: 'sign-in requests pile up' })
    // A verdict for a connection that is gone lets nobody in.
    decide(accepted)
    expect(await outcome()).toBeInstanceOf(Error)
    expect(door?.knocks[0]?.transport.isSignedIn).toBe(false)
  })

  it('gains nothing by a verdict that comes too late for the request after it', async () => {
    let decide: (verdict: Verdict) => void = () => undefined
    dialog = () => new Promise((resolve) => (decide = resolve))
    const client = await open()
    keyboard(client, 'alice')
    await waitUntil('the dialog to begin', () => calls.length === 1)
    client.password('alice', 'wrong')
    expect(await failure(client)).toEqual(all)
    expect(cancelled).toBe(1)
    decide(accepted)
    client.request('alice', 'none')
    expect(await failure(client)).toEqual(all)
    expect(door?.knocks[0]?.transport.isSignedIn).toBe(false)
  })

  it('is refused for other answers than were asked for', async () => {
    dialog = async (round) => (round === 0 ? question(1) : accepted)
    const client = await open()
    const wrong = [
      () => answer(client),
      () => answer(client, 'a', 'b'),
      () => client.send(Buffer.of(61), wireUint32(0xffff_ffff)),
      () => answer(client, Buffer.alloc(8193, 97)),
      () => answer(client, Buffer.from('a\0')),
    ]
    for (const [at, send] of wrong.entries()) {
      keyboard(client, 'alice')
      expect(await client.next(60)).toEqual(
        Buffer.concat([Buffer.of(60), wireString('n'), wireString('i'), wireString(''), wireUint32(1), wireString('p: '), Buffer.of(0)]),
      )
      send()
      expect(await failure(client)).toEqual(all)
      expect(cancelled).toBe(at + 1)
    }
    expect(calls.filter((call) => call === 'next 1')).toEqual([])
  })

  it('is cut for answers to nothing, and for answering twice', async () => {
    const early = await open()
    answer(early, 'x')
    expect(await early.end()).toEqual({ reason: 2, text: 'answers to nothing' })
    await door?.close()
    dialog = async (round) => (round === 0 ? question(1) : new Promise(() => undefined))
    const twice = await open()
    keyboard(twice, 'alice')
    await twice.next(60)
    answer(twice, 'x')
    answer(twice, 'y')
    expect(await twice.end()).toEqual({ reason: 2, text: 'answers to nothing' })
    expect(cancelled).toBe(1)
  })

  it('cannot keep a dialog going without end, nor be asked without measure', async () => {
    dialog = async () => question(0)
    const client = await open()
    keyboard(client, 'alice')
    const rounds = async () => {
      for (;;) {
        await client.next(60)
        answer(client)
      }
    }
    await expect(rounds()).rejects.toThrow('the connection ended: 11')
    expect(calls.length).toBeLessThan(40)
  })
})

describe('signing in', () => {
  it('takes several steps, each by a method that is left', async () => {
    verdicts.password = async () => ({ state: 'partial', methods: ['keyboard-interactive'] })
    dialog = async (round) => (round === 0 ? question(2) : accepted)
    const client = await open()
    client.password('alice', 'right')
    expect(await failure(client)).toEqual({ methods: 'keyboard-interactive', isPartial: true })
    client.password('alice', 'right')
    expect(await failure(client)).toEqual({ methods: 'keyboard-interactive', isPartial: false })
    keyboard(client, 'alice')
    await client.next(60)
    answer(client, '123', '456')
    await client.next(52)
    expect(await outcome()).toBe('alice')
    expect(calls).toEqual(['password alice right', 'next ', 'next 2'])
  })

  it('shows its banner first, and words with which it closes', async () => {
    verdicts.none = async () => ({ state: 'closed', text: 'Not\nnow' })
    const client = await open({ auth: { banner: 'Hello' } })
    client.request('alice', 'none')
    expect(await client.next()).toEqual(Buffer.concat([Buffer.of(53), wireString('Hello\r\n'), wireString('')]))
    expect(await client.next()).toEqual(Buffer.concat([Buffer.of(53), wireString('Not\r\nnow\r\n'), wireString('')]))
    expect(await client.end()).toEqual({ reason: 11, text: 'closed by Sallyport' })
  })

  it('lets nobody in when the verdict fails, and says so', async () => {
    verdicts.password = async () => {
      throw new Error('secret detail')
    }
    const client = await open()
    client.password('alice', 'x')
    expect(String(await client.next())).toContain('Sign-ins cannot be checked at present')
    expect(await client.end()).toMatchObject({ reason: 11 })
    expect(await outcome()).toBeInstanceOf(Error)
  })

  it('refuses after an even time, whatever the reason', async () => {
    verdicts.password = async (user) => {
      if (user === 'slow') await new Promise((resolve) => setTimeout(resolve, 60))
      return refused
    }
    const took: number[] = []
    for (const [user, password] of [
      ['alice', 'x'],
      ['slow', 'x'],
      ['nobody', Buffer.of(0)],
    ] as const) {
      const client = await open({ auth: { refusalStepMs: 150 } })
      const started = performance.now()
      client.password(user, password)
      await failure(client)
      took.push(performance.now() - started)
      await door?.close()
    }
    for (const ms of took) expect(ms).toBeGreaterThan(148)
  })
})

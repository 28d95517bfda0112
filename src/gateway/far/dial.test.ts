import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Admission } from '#domain/admission.ts'
import { Failure } from '#domain/failure.ts'
import type { FarExit } from '#session/far.ts'
import { readPrivateKey } from '#ssh/private-key.ts'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { dialFar } from './dial.ts'
import type { HostTerminal } from './host-terminal.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson } from './test-asks.ts'

let sshd: TestSshd
let keyboard: TestSshd
beforeAll(async () => {
  ;[sshd, keyboard] = await Promise.all([startSshd(), startSshd({ passwords: false, keyboardInteractive: true })])
}, 60_000)
afterAll(async () => {
  await Promise.all([sshd?.stop(), keyboard?.stop()])
})

const never = new AbortController().signal
const nobody = () => playPerson(() => null)
const pinned = (host: TestSshd) => Object.values(host.hostKeys).map((key) => hostKeyFromLine(key.publicKey))
const admission = (host: TestSshd, part: Partial<Admission> = {}) =>
  admissionFor({ address: host.host, port: host.port, username: host.user }, { hostKeys: pinned(host), ...part })

type Dialled = {
  far: HostTerminal
  text: () => string
  bytes: () => number
  all: () => Buffer
  ended: Promise<{ exit: FarExit | undefined; cause: unknown }>
  until: (what: RegExp) => Promise<void>
}

async function dial(
  wanted: Admission,
  link: ReturnType<typeof playLink>,
  person: ReturnType<typeof playPerson> = nobody(),
  size = { cols: 80, rows: 24 },
): Promise<Dialled> {
  const { far } = await dialFar({ admission: wanted, link, prompter: person, size, term: 'xterm-256color', listeners: [], signal: never })
  let text = ''
  let bytes = 0
  const chunks: Uint8Array[] = []
  const waiting: { what: RegExp; go: () => void }[] = []
  const ended = new Promise<{ exit: FarExit | undefined; cause: unknown }>((resolve) => {
    far.on = {
      output: (chunk) => {
        expect(chunk.length).toBeLessThanOrEqual(65_536)
        bytes += chunk.length
        chunks.push(chunk)
        text = (text + Buffer.from(chunk).toString('latin1')).slice(-100_000)
        for (const each of waiting) if (each.what.test(text)) each.go()
      },
      room: () => {},
      closed: (exit, cause) => resolve({ exit, cause }),
    }
  })
  far.resume()
  return {
    far,
    text: () => text,
    bytes: () => bytes,
    all: () => Buffer.concat(chunks),
    ended,
    until: (what) => new Promise((go) => (what.test(text) ? go() : waiting.push({ what, go }))),
  }
}

const type = (far: HostTerminal, text: string) => far.write(Buffer.from(text))
async function failureOf(act: Promise<unknown>): Promise<Failure> {
  try {
    await act
  } catch (cause) {
    if (cause instanceof Failure) return cause
    throw cause
  }
  throw new Error('nothing was thrown')
}

const withKey = (host: TestSshd, name: keyof TestSshd['userKeys'] = 'ed25519') => {
  const pair = host.userKeys[name]
  const key = readPrivateKey(pair.privateKey, pair.passphrase)
  return {
    auth: { kind: 'key' as const, publicKey: key.publicBlob.toString('base64'), algorithm: key.algorithm },
    link: playLink({
      privateKey: pair.privateKey,
      ...(pair.passphrase === undefined ? {} : { passphrase: pair.passphrase }),
      username: host.user,
      password: 'unused',
    }),
  }
}

describe('signing in to a real sshd', () => {
  it.each(['ed25519', 'ecdsa', 'rsa', 'sealedEd25519', 'sealedRsa'] as const)('with a key of type %s that only control holds', async (name) => {
    const { auth, link } = withKey(sshd, name)
    const { far, ended } = await dial(admission(sshd, { auth }), link)
    type(far, 'exit 3\n')
    expect((await ended).exit).toEqual({ exitStatus: 3 })
    expect(link.asked).toEqual([expect.stringMatching(name.toLowerCase().includes('rsa') ? /^sign rsa-sha2-512$/ : /^sign /)])
  })

  it('with a password that is released once', async () => {
    const link = playLink({ password: sshd.password ?? '' })
    const { far, ended } = await dial(admission(sshd), link)
    type(far, 'exit\n')
    expect((await ended).exit).toEqual({ exitStatus: 0 })
    expect(link.asked).toEqual(['release'])
  })

  it('with the same password where the host asks by keyboard-interactive', async () => {
    const link = playLink({ password: keyboard.password ?? '' })
    const person = nobody()
    const { far } = await dial(admission(keyboard), link, person)
    far.close()
    expect(person.questions).toEqual([])
  })

  it('asking the person, by password and by the host’s own prompts', async () => {
    const byPassword = playPerson(() => [sshd.password ?? ''])
    const first = await dial(admission(sshd, { auth: { kind: 'ask' } }), playLink({}), byPassword)
    first.far.close()
    expect(byPassword.questions).toEqual([{ kind: 'password', account: sshd.user, address: sshd.host }])

    const byPrompts = playPerson(() => [keyboard.password ?? ''])
    const second = await dial(admission(keyboard, { auth: { kind: 'ask' } }), playLink({}), byPrompts)
    second.far.close()
    expect(byPrompts.questions).toMatchObject([{ kind: 'keyboard-interactive', prompts: [{ text: 'Password:', echo: false }] }])
  })

  it('says auth_failed for a wrong key, a wrong password, three wrong answers and a person who declines', async () => {
    const stranger = readPrivateKey(sshd.strangerKey.privateKey)
    const auth = { kind: 'key' as const, publicKey: stranger.publicBlob.toString('base64'), algorithm: stranger.algorithm }
    const keyLink = playLink({ privateKey: sshd.strangerKey.privateKey, username: sshd.user })
    expect((await failureOf(dial(admission(sshd, { auth }), keyLink))).code).toBe('auth_failed')
    const wrong = playLink({ password: 'wrong password' })
    expect((await failureOf(dial(admission(sshd), wrong))).code).toBe('auth_failed')
    expect(wrong.asked).toEqual(['release'])
    const person = playPerson(() => ['wrong answer'])
    expect((await failureOf(dial(admission(sshd, { auth: { kind: 'ask' } }), playLink({}), person))).code).toBe('auth_failed')
    expect(person.questions).toHaveLength(3)
    expect((await failureOf(dial(admission(sshd, { auth: { kind: 'ask' } }), playLink({}), nobody()))).code).toBe('auth_failed')
  }, 60_000)
})

describe('knowing the host', () => {
  it('stops at a changed key before any credential, with both fingerprints', async () => {
    const { auth, link } = withKey(sshd)
    const old = hostKeyFromLine(sshd.strangerKey.publicKey)
    link.trusted.push(old)
    const failure = await failureOf(dial(admission(sshd, { auth, hostKeys: [old] }), link))
    expect(failure.code).toBe('host_key_changed')
    expect(failure.detail).toEqual({
      offered: { type: 'ssh-ed25519', fingerprint: sshd.hostKeys.ed25519.fingerprint },
      trusted: [{ type: 'ssh-ed25519', fingerprint: old.fingerprint }],
    })
    expect(failure.message).toContain(sshd.hostKeys.ed25519.fingerprint)
    expect(failure.message).toContain(old.fingerprint)
    expect(link.asked).toEqual(['judge'])
  })

  it('never accepts a changed key, even from an administrator, even when control has forgotten the old one', async () => {
    const { auth, link } = withKey(sshd)
    const person = playPerson(() => ['yes'])
    const wanted = admission(sshd, { auth, hostKeys: [hostKeyFromLine(sshd.strangerKey.publicKey)], mayTrustHostKey: true })
    expect((await failureOf(dial(wanted, link, person))).code).toBe('host_key_changed')
    expect(person.questions).toEqual([])
  })

  it('asks an administrator about an unknown key and refuses everyone else', async () => {
    const { auth, link } = withKey(sshd)
    expect((await failureOf(dial(admission(sshd, { auth, hostKeys: [] }), link))).code).toBe('host_key_unknown')
    const person = playPerson(() => ['yes'])
    const { far } = await dial(admission(sshd, { auth, hostKeys: [], mayTrustHostKey: true }), link, person)
    far.close()
    expect(person.questions).toEqual([{ kind: 'host-key', address: sshd.host, type: 'ssh-ed25519', fingerprint: sshd.hostKeys.ed25519.fingerprint }])
    expect(link.asked).toEqual(['judge', 'judge', 'trust', expect.stringMatching(/^sign/)])
    const declines = withKey(sshd)
    expect((await failureOf(dial(admission(sshd, { auth, hostKeys: [], mayTrustHostKey: true }), declines.link, nobody()))).code).toBe('host_key_unknown')
    expect(declines.link.asked).toEqual(['judge'])
  })

  it.each(['rsa', 'ecdsa'] as const)('asks for the pinned type %s first', async (name) => {
    const { auth, link } = withKey(sshd)
    const { far } = await dial(admission(sshd, { auth, hostKeys: [hostKeyFromLine(sshd.hostKeys[name].publicKey)] }), link)
    far.close()
    expect(link.asked).toEqual([expect.stringMatching(/^sign/)])
  })
})

describe('a host that leaves while the person is asked', () => {
  it('takes the question back', async () => {
    const questions: AbortSignal[] = []
    const person = {
      questions: [],
      ask: (_question: unknown, signal: AbortSignal) =>
        new Promise<string[]>((_resolve, reject) => {
          questions.push(signal)
          signal.addEventListener('abort', () => reject(signal.reason as Error))
          sshd.cutSessions()
        }),
    }
    const failure = await failureOf(dial(admission(sshd, { auth: { kind: 'ask' } }), playLink({}), person))
    expect(failure.code).toBe('host_protocol_error')
    expect(questions.map((signal) => signal.aborted)).toEqual([true])
  })
})

describe('JavaScript crypto', () => {
  it('opens connections too, where the native one does not load', async () => {
    const script = `
      const { Module } = require('node:module')
      Module._extensions['.node'] = () => { throw new Error('no addons here') }
      const at = (file) => import(new URL(file, ${JSON.stringify(import.meta.url)}))
      Promise.all([at('../../ssh/library.ts'), at('./greet.ts'), at('./reach.ts')]).then(async ([library, { greet }, { reach }]) => {
        const { signal } = new AbortController()
        for (const type of ['ssh-ed25519', 'ssh-rsa']) {
          const { transport, offered } = await greet(await reach({ address: '${sshd.host}', port: ${sshd.port} }, { listeners: [], mayDialLoopback: true, signal }), { hostKeyTypes: [type], signal })
          transport.close()
          process.stdout.write(library.cryptoInUse + ' ' + offered.fingerprint + ' ')
        }
      })`
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script])
    expect(stdout.trim().split(' ')).toEqual(['javascript', sshd.hostKeys.ed25519.fingerprint, 'javascript', sshd.hostKeys.rsa.fingerprint])
  })
})

describe('the terminal on a real host', () => {
  it('has the size and the TERM that were asked, and follows a resize in order with input', async () => {
    const { auth, link } = withKey(sshd)
    const { far, until, ended } = await dial(admission(sshd, { auth }), link, nobody(), { cols: 91, rows: 33 })
    type(far, 'echo size=$(stty size) term=$TERM\n')
    await until(/size=33 91 term=xterm-256color/)
    far.resize({ cols: 132, rows: 50 })
    type(far, 'echo size=$(stty size)\n')
    await until(/size=50 132/)
    type(far, 'exit\n')
    expect((await ended).exit).toEqual({ exitStatus: 0 })
  })

  it('reports the signal that ended the shell', async () => {
    const { auth, link } = withKey(sshd)
    const { far, ended } = await dial(admission(sshd, { auth }), link)
    type(far, 'kill -KILL $$\n')
    expect((await ended).exit).toEqual({ signal: 'KILL' })
  })

  it('says that the connection was lost when it was', async () => {
    const { auth, link } = withKey(sshd)
    const { far, until, ended } = await dial(admission(sshd, { auth }), link)
    type(far, 'echo "up"dog\n')
    await until(/updog/)
    sshd.cutSessions()
    const { exit, cause } = await ended
    expect(exit).toBeUndefined()
    expect(cause).toBeInstanceOf(Failure)
  })

  it('carries 20 MB whole, in pieces of at most 64 KiB, then the exit status', async () => {
    const { auth, link } = withKey(sshd)
    const { far, until, ended, all } = await dial(admission(sshd, { auth }), link)
    type(far, "stty -echo -opost; PS1=; printf '%s%s' go now; echo\n")
    await until(/gonow\r?\n/)
    const expected = Buffer.from(Array.from({ length: 2_500_001 }, (_, at) => `${1_000_000 + at}\n`).join(''))
    expect(expected.length).toBeGreaterThan(20_000_000)
    type(far, 'seq 1000000 3500000; exit 7\n')
    expect((await ended).exit).toEqual({ exitStatus: 7 })
    expect(all().includes(expected)).toBe(true)
  }, 60_000)

  it('carries floods of several hosts whole through the buffer that they share, also while one is paused now and then', async () => {
    const { auth, link } = withKey(sshd)
    const dialled = await Promise.all([1, 2, 3].map(() => dial(admission(sshd, { auth }), link)))
    for (const { far } of dialled) type(far, "stty -echo -opost; PS1=; printf '%s%s' go now; echo\n")
    await Promise.all(dialled.map(({ until }) => until(/gonow\r?\n/)))
    dialled.forEach(({ far }, index) => type(far, `seq ${index + 1}000000 ${index + 1}600000; exit ${index + 1}\n`))
    const paused = dialled[1]?.far
    const hiccups = setInterval(() => {
      paused?.pause()
      setTimeout(() => paused?.resume(), 3)
    }, 7)
    const exits = await Promise.all(dialled.map(({ ended }) => ended))
    clearInterval(hiccups)
    expect(exits.map(({ exit }) => exit)).toEqual([1, 2, 3].map((exitStatus) => ({ exitStatus })))
    dialled.forEach(({ all }, index) =>
      expect(all().includes(Array.from({ length: 600_001 }, (_, at) => `${(index + 1) * 1_000_000 + at}\n`).join(''))).toBe(true),
    )
  }, 60_000)

  it('stops the program when it is paused, holds at most its window, and loses nothing', async () => {
    const { auth, link } = withKey(sshd)
    const { far, until, bytes, text } = await dial(admission(sshd, { auth }), link)
    type(far, 'stty -echo; PS1=; yes sallyport\n')
    await until(/sallyport\r\nsallyport/)
    far.pause()
    const at = bytes()
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(bytes()).toBe(at)
    far.resume()
    const started = performance.now()
    type(far, '\u0003')
    type(far, 'echo "do"ne\n')
    await until(/done\r\n/)
    // What was in the window comes, and then the program has stopped: Ctrl-C overtakes nothing and waits for nothing else.
    expect(bytes() - at).toBeLessThan(2 * 1024 * 1024)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(text()).toContain('sallyport')
    far.close()
  })

  it('measures the round trip', async () => {
    const { auth, link } = withKey(sshd)
    const { far, until } = await dial(admission(sshd, { auth }), link)
    type(far, 'echo "he"re\n')
    await until(/here/)
    expect(far.rttMs).toBeGreaterThan(0)
    expect(far.rttMs).toBeLessThan(5000)
    far.close()
  })
})

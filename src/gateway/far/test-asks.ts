// For tests: control and a person, played by a few lines, with a note of everything they were asked.
import type { Admission } from '#domain/admission.ts'
import { Failure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import { SessionId } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'
import { fingerprintOf, readPrivateKey } from '#ssh/private-key.ts'
import { parseUserauthBlob } from '#ssh/userauth-blob.ts'
import type { AskLink, PromptQuestion, Prompter } from '../admission.ts'

export const testSession = SessionId.parse('se_aaaaaaaaaaaaaaaaaaaaaaaa')

export const hostKeyFromLine = (line: string): HostKey => {
  const [type = '', key = ''] = line.split(' ')
  return { type, key, fingerprint: fingerprintOf(Buffer.from(key, 'base64')) }
}

export type PlayedLink = AskLink & { asked: string[]; trusted: HostKey[] }

/** Signs only what control would sign: a blob for this username and this key. */
export function playLink(parts: { privateKey?: string; passphrase?: string; username?: string; password?: string; trusted?: HostKey[] }): PlayedLink {
  const asked: string[] = []
  const trusted = parts.trusted ?? []
  return {
    asked,
    trusted,
    sign: (_lease, algorithm, data) => {
      asked.push(`sign ${algorithm}`)
      const key = readPrivateKey(parts.privateKey ?? '', parts.passphrase)
      const blob = parseUserauthBlob(data)
      if (!blob || blob.username !== parts.username || blob.algorithm !== algorithm || !blob.publicKey.equals(key.publicBlob))
        throw new Failure('forbidden', 'control does not sign this')
      return Promise.resolve(key.sign(data, algorithm))
    },
    release: () => {
      asked.push('release')
      return parts.password === undefined ? Promise.reject(new Failure('credential_missing', 'no password')) : Promise.resolve(new Secret(parts.password))
    },
    judgeHostKey: (_lease, offered) => {
      asked.push('judge')
      const verdict = trusted.length === 0 ? 'unknown' : trusted.some((key) => key.key === offered.key) ? 'trusted' : 'changed'
      return Promise.resolve({ verdict, trusted })
    },
    trustHostKey: (_lease, offered) => {
      asked.push('trust')
      trusted.push(offered)
      return Promise.resolve()
    },
  }
}

export type PlayedPerson = Prompter & { questions: PromptQuestion[] }
export function playPerson(answer: (question: PromptQuestion) => string[] | null): PlayedPerson {
  const questions: PromptQuestion[] = []
  return {
    questions,
    ask: (question) => {
      questions.push(question)
      return Promise.resolve(answer(question))
    },
  }
}

export function admissionFor(target: Admission['target'], part: Partial<Admission> = {}): Admission {
  return {
    session: testSession,
    operator: { id: 'op_x', name: 'alice' },
    asset: { name: 'web1' },
    target,
    auth: { kind: 'password' },
    hostKeys: [],
    mayTrustHostKey: false,
    mayDialLoopback: true,
    record: 'must',
    limits: { idleMs: 1_800_000 },
    startedAt: new Date(0).toISOString(),
    ...part,
  }
}

// Signing in at the SSH door: what the client shows is control's to judge. Nothing is known of anybody here, so that nothing can be let out.
import { type FailureCode, isFailure } from '#domain/failure.ts'
import type { Secret } from '#domain/secret.ts'
import type { Authenticator, KeyboardDialog, OfferedKey, SignedKey, Verdict } from '#ssh/authenticator.ts'
import type { DoorSignIn } from '#wire/door.ts'
import type { AnswerOf } from '#wire/link.ts'
import type { Caller, DoorWork } from './door-work.ts'
import { enrollWords, type Outcome, type Proof, SignInDialog } from './sign-in-dialog.ts'

export type SignedIn = Extract<DoorSignIn, { state: 'signed-in' }>
export type Enrollment = AnswerOf<'ask-enrollment'> & { blob: Buffer }

const refused: Verdict = { state: 'refused' }
/** Longer user names are nobody's. */
const maxTypedChars = 300
const maxPasswordBytes = 1024
/** That control is away, or slows everybody down, is no secret: it says nothing about the person. */
const said: ReadonlySet<FailureCode> = new Set(['control_unreachable', 'rate_limited', 'sign_in_slowed', 'operator_key_known', 'public_key_unsupported'])

export class DoorAuthenticator implements Authenticator {
  /** Who it is, once control has said so. */
  signedIn: SignedIn | undefined
  /** Of `enroll`: the key has proven itself, and waits for somebody who is signed in elsewhere. */
  enrollment: Enrollment | undefined
  readonly #work: Pick<DoorWork, 'link' | 'log'>
  readonly #caller: Caller
  readonly #unused: (signedIn: SignedIn) => void
  /** A first proof was right: the code of this half sign-in is due. */
  #half: string | undefined
  #isAbandoned = false

  /** `unused`: control has begun a sign-in that no connection has, and must hear that it is over. */
  constructor(work: Pick<DoorWork, 'link' | 'log'>, caller: Caller, unused: (signedIn: SignedIn) => void) {
    this.#work = work
    this.#caller = caller
    this.#unused = unused
  }

  /** The connection ended before anybody was let in; control's answer may still come. */
  abandon(): void {
    this.#isAbandoned = true
    if (this.signedIn) this.#unused(this.signedIn)
    this.signedIn = undefined
  }

  none(): Promise<Verdict> {
    return Promise.resolve(refused)
  }

  async keyOffered(user: string, key: OfferedKey): Promise<boolean> {
    if (isEnroll(user)) return true
    if (user.length > maxTypedChars) return false
    try {
      const { source } = this.#caller
      return (await this.#work.link.ask({ ask: 'key-offered', typed: user, publicKey: key.blob.toString('base64'), source })).isKnown
    } catch (cause) {
      if (!isFailure(cause)) throw cause
      // What follows asks again, and is told why.
      return false
    }
  }

  async key(user: string, key: SignedKey): Promise<Verdict> {
    const { algorithm, blob, data, signature } = key
    const signed = { algorithm, publicKey: blob.toString('base64'), data: data.toString('base64'), signature: signature.toString('base64') }
    if (!isEnroll(user)) return decided(await this.#prove(user, { by: 'key', ...signed }))
    const outcome = await this.#judged(async () => {
      this.enrollment = { ...(await this.#work.link.ask({ ask: 'ask-enrollment', ...this.#caller, ...signed })), blob }
      return { state: 'accepted' }
    })
    return decided(outcome)
  }

  async password(user: string, password: Secret): Promise<Verdict> {
    if (isEnroll(user)) return { state: 'closed', text: enrollWords }
    if (password.reveal().length > maxPasswordBytes) return refused
    return decided(await this.#prove(user, { by: 'password', password: password.revealText() }))
  }

  keyboard(user: string): KeyboardDialog {
    return new SignInDialog({
      isEnroll: isEnroll(user),
      source: this.#caller.source,
      half: () => this.#half,
      prove: (proof) => this.#prove(user, proof),
      askApproval: () => this.#work.link.ask({ ask: 'ask-approval', typed: user.slice(0, maxTypedChars), ...this.#caller }),
      judged: (ask) => this.#judged(ask),
    })
  }

  async #prove(user: string, proof: Proof): Promise<Outcome> {
    if (user.length > maxTypedChars) return refused
    return await this.#judged(async () => {
      const answer = await this.#work.link.ask({ ask: 'sign-in', typed: user, ...this.#caller, proof })
      if (answer.state === 'waiting') return answer
      if (answer.state === 'refused') return answer.text === undefined ? refused : { state: 'closed', text: answer.text }
      if (answer.state === 'code') {
        this.#half = answer.half
        return { state: 'partial', methods: ['keyboard-interactive'] }
      }
      // One whose acceptance was overtaken by another request of the client.
      if (this.signedIn) this.#unused(this.signedIn)
      if (this.#isAbandoned) {
        this.#unused(answer)
        return refused
      }
      this.signedIn = answer
      return { state: 'accepted' }
    })
  }

  async #judged<Found>(ask: () => Promise<Found | Outcome>): Promise<Found | Outcome> {
    try {
      return await ask()
    } catch (cause) {
      if (!isFailure(cause)) {
        this.#work.log.error({ err: cause }, 'a sign-in by ssh is given up by a fault of this program')
        throw cause
      }
      this.#work.log.info({ failure: cause.code, source: this.#caller.source }, 'a sign-in by ssh was refused')
      return said.has(cause.code) ? { state: 'closed', text: cause.message } : refused
    }
  }
}

const isEnroll = (user: string) => user === 'enroll'
const decided = (outcome: Outcome): Verdict => (outcome.state === 'waiting' ? refused : outcome)

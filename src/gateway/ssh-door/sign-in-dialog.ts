// What a person is asked while signing in by keyboard-interactive: a password, a code, or nothing but to approve in the browser.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Secret } from '#domain/secret.ts'
import type { KeyboardDialog, KeyboardQuestion, Verdict } from '#ssh/authenticator.ts'
import type { AnswerOf, Ask } from '#wire/link.ts'

export type Proof = Extract<Ask, { ask: 'sign-in' }>['proof']
/** `waiting`: an approval is not decided yet. */
export type Outcome = Verdict | { state: 'waiting' }
export const enrollWords = 'To add a key, connect with it: ssh -i KEYFILE -o IdentitiesOnly=yes enroll@…'

export type DialogParts = {
  isEnroll: boolean
  source: string
  /** Of a first proof that was right, whichever method brought it. */
  half: () => string | undefined
  prove: (proof: Proof) => Promise<Outcome>
  askApproval: () => Promise<AnswerOf<'ask-approval'>>
  /** Turns what control throws into a verdict. */
  judged: <Found>(ask: () => Promise<Found | Outcome>) => Promise<Found | Outcome>
}

const askAgainMs = 1000
const maxPasswordChars = 1024
const maxCodeChars = 20

export class SignInDialog implements KeyboardDialog {
  readonly #parts: DialogParts
  #asked: 'password' | 'code' | 'approval' = 'password'
  #approval = ''
  readonly #over = new AbortController()

  constructor(parts: DialogParts) {
    this.#parts = parts
  }

  async next(answers: readonly Secret[] | undefined): Promise<KeyboardQuestion | Verdict> {
    if (this.#parts.isEnroll) return { state: 'closed', text: enrollWords }
    if (!answers) return this.#parts.half() === undefined ? this.#askPassword() : this.#askCode()
    const answer = answers[0]?.revealText() ?? ''
    if (this.#asked === 'approval') return await this.#approved()
    if (this.#asked === 'code')
      return decided(await this.#parts.prove({ by: 'code', half: this.#parts.half() ?? '', code: answer.trim().slice(0, maxCodeChars) }))
    if (answer === '') return await this.#askApproval()
    if (answer.length > maxPasswordChars) return { state: 'refused' }
    const outcome = await this.#parts.prove({ by: 'password', password: answer })
    return outcome.state === 'partial' ? this.#askCode() : decided(outcome)
  }

  cancel(): void {
    this.#over.abort()
  }

  #askPassword(): KeyboardQuestion {
    this.#asked = 'password'
    return { name: '', instructions: '', prompts: [{ prompt: 'Password (leave empty to approve in the browser): ', echo: false }] }
  }

  #askCode(): KeyboardQuestion {
    this.#asked = 'code'
    return { name: '', instructions: '', prompts: [{ prompt: 'Code of your second factor, or a recovery code: ', echo: true }] }
  }

  async #askApproval(): Promise<KeyboardQuestion | Verdict> {
    const found = await this.#parts.judged(() => this.#parts.askApproval())
    if ('state' in found) return decided(found)
    this.#asked = 'approval'
    this.#approval = found.approval
    const lines = [
      'Open this page in a browser where you are signed in:',
      `  ${found.url}`,
      `It asks for this number: ${found.number}`,
      `Approve only if this terminal is yours; it comes from ${this.#parts.source}.`,
      '',
    ]
    return { name: '', instructions: lines.join('\n'), prompts: [{ prompt: 'Press Enter, then approve it (or the other way round). ', echo: true }] }
  }

  /** A client sends nothing until Enter: from then on the door looks every second, as long as its grace time lasts. */
  async #approved(): Promise<Verdict> {
    for (;;) {
      const outcome = await this.#parts.prove({ by: 'approval', approval: this.#approval })
      if (outcome.state !== 'waiting') return outcome
      try {
        await sleep(askAgainMs, undefined, { signal: this.#over.signal })
      } catch {
        // Given up: the client has left or asks for something else.
        return { state: 'refused' }
      }
    }
  }
}

const decided = (outcome: Outcome): Verdict => (outcome.state === 'waiting' ? { state: 'refused' } : outcome)

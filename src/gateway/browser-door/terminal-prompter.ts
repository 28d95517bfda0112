// Questions to the person before the terminal opens, one at a time.
import type { Answer, Prompt } from '#wire/terminal.ts'
import type { Prompter, PromptQuestion } from '../admission.ts'
import { Failure } from '#domain/failure.ts'

/** People look for their phone; a page left alone must not hold a half-open connection to a host for longer. */
const answerWithinMs = 120_000

type Open = { id: number; settle: (answers: string[] | null) => void }

export class TerminalPrompter implements Prompter {
  readonly #send: (prompt: Prompt) => void
  #lastId = 0
  #open: Open | undefined

  constructor(send: (prompt: Prompt) => void) {
    this.#send = send
  }

  /** Null when the person declined. Throws `Failure('auth_failed')` after 120 s, or the signal's reason. */
  ask(question: PromptQuestion, signal: AbortSignal): Promise<string[] | null> {
    if (this.#open) return Promise.reject(new Failure('internal', 'a question is open already'))
    if (signal.aborted) return Promise.reject(reasonOf(signal))
    const id = (this.#lastId += 1)
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        this.#open = undefined
        act()
      }
      const aborted = () => finish(() => reject(reasonOf(signal)))
      const timer = setTimeout(
        () => finish(() => reject(new Failure('auth_failed', 'The question was not answered within two minutes. Connect again.'))),
        answerWithinMs,
      )
      signal.addEventListener('abort', aborted, { once: true })
      this.#open = { id, settle: (answers) => finish(() => resolve(answers)) }
      this.#send({ ...question, id })
    })
  }

  /** Returns false when nothing was asked, or something else. */
  answered(answer: Answer): boolean {
    if (this.#open?.id !== answer.id) return false
    this.#open.settle(answer.answers)
    return true
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Failure('gateway_unavailable', 'The connection was given up.')
}

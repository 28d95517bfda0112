// Questions under way on a link, each with one answer, a limit of time, and an end when the link is cut.
import { Failure } from '#domain/failure.ts'
import { type AnswerOf, answers, type Ask, type FailureAnswer } from '#wire/link.ts'

const maxAsks = 64
/** Control answers from its database; one that takes longer is as good as away. */
const answerWithinMs = 10_000

type Waiting = { settle: (body: unknown, failure: FailureAnswer | undefined) => void; cut: () => void }

export const controlAway = () => new Failure('control_unreachable', 'Sallyport cannot reach its control process. Try again in a moment.')

export class Asks {
  readonly #waiting = new Map<number, Waiting>()
  readonly #nextId: () => number
  #send: ((message: string) => void) | undefined

  constructor(nextId: () => number) {
    this.#nextId = nextId
  }

  attach(send: (message: string) => void): void {
    this.#send = send
  }

  /** The link is cut: nobody knows what control did with what was asked, so nothing is asked again by itself. */
  detach(): void {
    this.#send = undefined
    for (const waiting of [...this.#waiting.values()]) waiting.cut()
  }

  /** Throws `Failure`: control's own, or `control_unreachable` at once without a link, when it is cut, or after 10 s; `rate_limited` past 64 at once. Rejects with the signal's reason when that comes first. */
  ask<Name extends Ask['ask']>(body: Extract<Ask, { ask: Name }>, signal?: AbortSignal): Promise<AnswerOf<Name>> {
    const send = this.#send
    if (!send) return Promise.reject(controlAway())
    if (this.#waiting.size >= maxAsks)
      return Promise.reject(new Failure('rate_limited', 'Too many connections are being opened at once. Try again in a moment.'))
    if (signal?.aborted) return Promise.reject(abortReason(signal))
    const id = this.#nextId()
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', aborted)
        this.#waiting.delete(id)
        act()
      }
      const timer = setTimeout(() => finish(() => reject(controlAway())), answerWithinMs)
      const aborted = () => finish(() => reject(abortReason(signal)))
      signal?.addEventListener('abort', aborted, { once: true })
      this.#waiting.set(id, {
        cut: () => finish(() => reject(controlAway())),
        settle: (answer, failure) =>
          finish(() => {
            if (failure) return reject(new Failure(failure.code, failure.message, failure.detail ? { detail: failure.detail } : {}))
            const parsed = answers[body.ask].safeParse(answer)
            if (!parsed.success) return reject(new Failure('internal', `control's answer to ${body.ask} does not fit its schema`))
            resolve(parsed.data as AnswerOf<Name>)
          }),
      })
      send(JSON.stringify({ type: 'ask', id, body }))
    })
  }

  /** An answer to nothing that waits (it came too late) is dropped. */
  answered(id: number, body: unknown, failure: FailureAnswer | undefined): void {
    this.#waiting.get(id)?.settle(body, failure)
  }
}

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Failure('gateway_unavailable', 'The connection was given up.')
}

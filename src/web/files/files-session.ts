// One files session of a page: opened when it is first needed, and again by itself when it has ended meanwhile (idle, a gateway restarted).
import type { FilesAt } from '#client/files/host-folder.ts'
import { openFiles } from '#client/files/host-folder.ts'
import { asFailure } from '#client/failure-answer.ts'
import type { FilesOpened } from '#wire/files.ts'
import type { FilesGoal } from './files-goal.ts'
import { filesTicket } from './files-goal.ts'

const here = { origin: globalThis.location?.origin ?? '' }

export class FilesSession {
  readonly #goal: FilesGoal
  readonly #opened: (opened: FilesOpened) => void
  readonly #stop = new AbortController()
  #at: Promise<FilesAt> | undefined
  #session: string | undefined
  #reason: string | undefined

  /** `opened` is told each session anew: what may be done can have changed. */
  constructor(goal: FilesGoal, opened: (opened: FilesOpened) => void) {
    this.#goal = goal
    this.#opened = opened
  }

  /** Rejects with the failure of opening; the next call tries again. */
  at(): Promise<FilesAt> {
    if (this.#at) return this.#at
    const opening = this.#open()
    this.#at = opening
    opening.catch(() => {
      if (this.#at === opening) this.#at = undefined
    })
    return opening
  }
  /** Why the files are needed; said with the next opening. */
  because(reason: string): void {
    this.#reason = reason
  }
  /** This session is over: the next question opens another. */
  forget({ session }: FilesAt): void {
    // Another may be opening already, since somebody else found out first.
    if (this.#session !== session) return
    this.#session = undefined
    this.#at = undefined
  }

  /** Asks; once more over a new session when this one is over. */
  async ask<Answer>(question: (at: FilesAt) => Promise<Answer>): Promise<Answer> {
    const at = await this.at()
    try {
      return await question(at)
    } catch (error) {
      if (asFailure(error).code !== 'session_not_found') throw error
      this.forget(at)
      return question(await this.at())
    }
  }

  dispose(): void {
    this.#stop.abort()
  }

  async #open(): Promise<FilesAt> {
    const { signal } = this.#stop
    const { ticket, beside } = await filesTicket(this.#goal, this.#reason, signal)
    const opened = await openFiles(here, ticket, signal, beside)
    signal.throwIfAborted()
    this.#session = opened.session
    this.#opened(opened)
    return { ...here, session: opened.session }
  }
}

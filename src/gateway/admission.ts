// Whom a dial asks while an Admission is acted on: control over the link, and the person through their terminal.
import type { Admission } from '#domain/admission.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { LeaseId } from '#domain/id.ts'
import type { Secret } from '#domain/secret.ts'
import type { AnswerOf } from '#wire/link.ts'
import type { Prompt } from '#wire/terminal.ts'

export type { Admission }

/**
 * The asks that a dial makes over the link, for the host at the end of the lease's way or for the given one on it. Each throws the `Failure` that control answered,
 * `Failure('control_unreachable')` when the link is down, or the signal's reason.
 */
export interface AskLink {
  /** `data` is the blob of RFC 4252 section 7. Returns the signature's inner bytes, without the algorithm's name, as `PrivateKey.sign` makes them. */
  sign(lease: LeaseId, algorithm: string, data: Uint8Array, signal: AbortSignal, hop?: number): Promise<Uint8Array>
  release(lease: LeaseId, signal: AbortSignal, hop?: number): Promise<Secret>
  judgeHostKey(lease: LeaseId, offered: HostKey, signal: AbortSignal, hop?: number): Promise<AnswerOf<'judge-host-key'>>
  /** Quick connect alone: there is no way. */
  trustHostKey(lease: LeaseId, offered: HostKey, signal: AbortSignal): Promise<void>
}

type WithoutId<Asked> = Asked extends unknown ? Omit<Asked, 'id'> : never
/** What a person is asked before the terminal opens; the door numbers it. */
export type PromptQuestion = WithoutId<Prompt>

/** Puts a question to the person. Null when they declined; rejects with the signal's reason when it is aborted. */
export interface Prompter {
  ask(question: PromptQuestion, signal: AbortSignal): Promise<string[] | null>
}

/** A log for us; pino's fits. Never given a secret or the content of a terminal. */
export interface Log {
  info(facts: Record<string, unknown>, text: string): void
  warn(facts: Record<string, unknown>, text: string): void
}

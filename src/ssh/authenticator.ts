// Who may come in is decided elsewhere: what the sign-in asks, and what it is told.
import type { Secret } from '#domain/secret.ts'

export type SignInMethod = 'publickey' | 'password' | 'keyboard-interactive'
export const signInMethods: readonly SignInMethod[] = ['publickey', 'password', 'keyboard-interactive']

/**
 * `partial`: right, and more is wanted (RFC 4252 section 5.1) by one of `methods`, which are all others unless it says so.
 * `closed`: the words are shown and the connection ends.
 */
export type Verdict = { state: 'accepted' } | { state: 'refused' } | { state: 'partial'; methods?: readonly SignInMethod[] } | { state: 'closed'; text: string }

export type Prompt = { prompt: string; echo: boolean }
/** At most 10 prompts; with none the client answers at once, unseen. */
export type KeyboardQuestion = { name: string; instructions: string; prompts: readonly Prompt[] }
export interface KeyboardDialog {
  /** Undefined first, then the answers to what was asked last, as many as prompts. */
  next(answers: readonly Secret[] | undefined): Promise<KeyboardQuestion | Verdict>
  /** The client has given it up, or is gone. What `next` still returns is dropped. */
  cancel(): void
}

export type OfferedKey = {
  /** As asked for: `ssh-ed25519`, `rsa-sha2-512`, `sk-ssh-ed25519@openssh.com`. One of `userSignatureAlgorithms`. */
  algorithm: string
  blob: Buffer
}
export type SignedKey = OfferedKey & {
  /** What was signed: RFC 4252 section 7 with this connection's session id, made here. */
  data: Buffer
  /** The whole signature string, unverified: string algorithm, string inner bytes, and for `sk-` keys flags and counter. */
  signature: Buffer
}

/** One per connection. What it throws ends the connection; the same user name comes with every call. */
export interface Authenticator {
  /** The first request of every client. */
  none(user: string): Promise<Verdict>
  /** A key without a signature: may it sign in? Without any effect. */
  keyOffered(user: string, key: OfferedKey): Promise<boolean>
  key(user: string, key: SignedKey): Promise<Verdict>
  password(user: string, password: Secret): Promise<Verdict>
  keyboard(user: string): KeyboardDialog
}

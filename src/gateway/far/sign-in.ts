// Using the credential of an Admission, once the host is known to be itself.
import type { Admission } from '#domain/admission.ts'
import { Failure } from '#domain/failure.ts'
import type { LeaseId } from '#domain/id.ts'
import { printable, type ClientTransport } from '#ssh/client-transport.ts'
import { blobType } from '#ssh/private-key.ts'
import { Userauth, type AuthOutcome, type KeyboardRequest } from '#ssh/userauth.ts'
import type { AskLink, Prompter } from '../admission.ts'

const maxTries = 3
const maxPrompts = 10
const personWithinMs = 120_000

export type SignIn = {
  username: string
  address: string
  auth: Admission['auth']
  lease: LeaseId
  link: Pick<AskLink, 'sign' | 'release'>
  prompter: Prompter
  signal: AbortSignal
}

const failed = (message: string, detail?: Record<string, unknown>) => new Failure('auth_failed', message, detail ? { detail } : {})

/** Signs in, asking control for signatures or the password and the person for the rest. Throws `Failure('auth_failed')` and what transport, link and prompter throw. */
export async function signIn(transport: ClientTransport, request: SignIn): Promise<void> {
  const auth = new Userauth(transport, request.username)
  const person = new Person(request)
  let outcome: AuthOutcome
  try {
    outcome = await first(auth, transport, request, person)
    // A host that wants a second proof after the first: only the person can give it.
    if (!outcome.accepted && outcome.isPartial && outcome.methods.includes('keyboard-interactive'))
      outcome = await auth.keyboardInteractive((asked) => person.answer(asked), request.signal)
  } catch (cause) {
    // sshd says "Too many authentication failures" by hanging up.
    if (cause instanceof Failure && cause.detail?.['disconnected'] === true) throw new Failure('auth_failed', cause.message, { cause })
    throw cause
  }
  if (!outcome.accepted) throw refused(request, outcome.methods)
}

function refused(request: SignIn, methods: readonly string[]): Failure {
  const offers = methods.map((method) => printable(method, 40)).join(', ')
  const what = request.auth.kind === 'key' ? 'the key' : 'the password'
  return failed(`The host does not accept ${what} for ${request.username}${offers ? ` (it takes: ${offers})` : ''}. Check the account and its credential.`, {
    methods: [...methods],
  })
}

async function first(auth: Userauth, transport: ClientTransport, request: SignIn, person: Person): Promise<AuthOutcome> {
  switch (request.auth.kind) {
    case 'key':
      return await withKey(auth, transport, request, Buffer.from(request.auth.publicKey, 'base64'))
    case 'password':
      return await withPassword(auth, request, person)
    case 'ask':
      return await asking(auth, request, person)
    default:
      request.auth satisfies never
      throw new Error('an Admission has one of three credentials')
  }
}

async function withKey(auth: Userauth, transport: ClientTransport, request: SignIn, publicBlob: Buffer): Promise<AuthOutcome> {
  const type = blobType(publicBlob)
  if (type === undefined) throw new Failure('credential_missing', 'The key of this account cannot be read. Enter it again.')
  const algorithm = type === 'ssh-rsa' ? rsaAlgorithm(transport.signatureAlgorithms) : type
  return await auth.key(publicBlob, algorithm, (blob) => request.link.sign(request.lease, algorithm, blob, request.signal), request.signal)
}

/** RFC 8332 section 3.3: a host that announces nothing is tried with the better one; SHA-1 never. */
const rsaAlgorithm = (announced: readonly string[] | undefined) =>
  announced?.includes('rsa-sha2-512') === false && announced.includes('rsa-sha2-256') ? 'rsa-sha2-256' : 'rsa-sha2-512'

async function withPassword(auth: Userauth, request: SignIn, person: Person): Promise<AuthOutcome> {
  const offered = await auth.none(request.signal)
  if (offered.accepted) return offered
  const byKeyboard = !offered.methods.includes('password')
  if (byKeyboard && !offered.methods.includes('keyboard-interactive')) return offered
  const password = await request.link.release(request.lease, request.signal)
  try {
    if (!byKeyboard) return await auth.password(Buffer.from(password.reveal()), request.signal)
    let isUsed = false
    return await auth.keyboardInteractive(async (asked) => {
      const [only] = asked.prompts
      // The password answers one hidden prompt, once; whatever else the host wants to know, the person decides.
      if (isUsed || asked.prompts.length !== 1 || !only || only.echo) return await person.answer(asked)
      isUsed = true
      return [password.revealText()]
    }, request.signal)
  } finally {
    password.forget()
  }
}

async function asking(auth: Userauth, request: SignIn, person: Person): Promise<AuthOutcome> {
  let outcome = await auth.none(request.signal)
  for (let tries = 0; tries < maxTries && !outcome.accepted && !outcome.isPartial; tries++) {
    if (outcome.methods.includes('password')) outcome = await auth.password(Buffer.from(await person.password()), request.signal)
    else if (outcome.methods.includes('keyboard-interactive')) outcome = await auth.keyboardInteractive((asked) => person.answer(asked), request.signal)
    else
      throw failed(
        `The host takes no password for ${request.username} (it takes: ${outcome.methods.map((method) => printable(method, 40)).join(', ') || 'nothing'}).`,
      )
  }
  return outcome
}

/** The person in front of the terminal: asked at most ten times, two minutes each. */
class Person {
  readonly #request: SignIn
  #asked = 0
  constructor(request: SignIn) {
    this.#request = request
  }

  async password(): Promise<string> {
    const [password] = await this.#ask({ kind: 'password', account: this.#request.username, address: this.#request.address }, 1)
    return password ?? ''
  }

  answer(asked: KeyboardRequest): Promise<string[]> {
    const prompts = asked.prompts.map((prompt) => ({ text: printable(prompt.prompt, 500), echo: prompt.echo }))
    const question = { kind: 'keyboard-interactive' as const, name: printable(asked.name, 200), instructions: printable(asked.instructions, 2000), prompts }
    return this.#ask(question, prompts.length)
  }

  async #ask(question: Parameters<Prompter['ask']>[0], count: number): Promise<string[]> {
    if (++this.#asked > maxPrompts) throw failed('The host asks more questions than a sign-in needs.')
    const limit = AbortSignal.timeout(personWithinMs)
    let answers: string[] | null
    try {
      answers = await this.#request.prompter.ask(question, AbortSignal.any([this.#request.signal, limit]))
    } catch (cause) {
      if (limit.aborted && !this.#request.signal.aborted) throw failed('Nobody answered within two minutes.')
      throw cause
    }
    if (answers === null) throw failed('The sign-in was given up.')
    if (answers.length !== count) throw new Failure('answer_unexpected', `The host asked ${count} questions and ${answers.length} were answered.`)
    return answers
  }
}

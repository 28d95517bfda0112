// `sallyport ssh-config`: the ready block for ~/.ssh/config, asked of a Sallyport that runs anywhere, with a token that may look.
import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { makeApiClient } from '#client/api.ts'
import { asFailure } from '#client/failure-answer.ts'
import { type Failure } from '#domain/failure.ts'
import { CommandFailed, WrongUsage } from './say.ts'

export type SshConfigFlags = { url?: string; token?: string; host?: string; port?: string; out?: string; knownHosts?: true }
type Environment = Readonly<Record<string, string | undefined>>

/** Prints or writes the block, or with `knownHosts` the lines for ~/.ssh/known_hosts. Throws `WrongUsage` and `CommandFailed` in words. */
export async function printSshConfig(flags: SshConfigFlags, environment: Environment, out: { write(text: string): unknown }): Promise<void> {
  const origin = readOrigin(flags.url ?? environment['SALLYPORT_URL'])
  const token = flags.token ?? environment['SALLYPORT_TOKEN']
  if (token === undefined || token === '')
    throw new WrongUsage('no token: make one under My account → API tokens that may look, and give it as SALLYPORT_TOKEN')
  if (!/^[\x21-\x7e]{1,200}$/.test(token)) throw new WrongUsage('SALLYPORT_TOKEN is not a token: it begins with spt_')
  const api = makeApiClient({ origin, headers: () => ({ authorization: `Bearer ${token}` }) })
  let answer: z.infer<typeof Answer>
  try {
    const told = await api.door.sshConfig(
      { ...(flags.host === undefined ? {} : { host: flags.host }), ...(flags.port === undefined ? {} : { port: readPort(flags.port) }) },
      { signal: AbortSignal.timeout(answerWithinMs) },
    )
    // It is whoever answers at that address.
    answer = Answer.parse(told)
  } catch (error) {
    if (error instanceof WrongUsage) throw error
    throw new CommandFailed(wordsFor(asFailure(error), origin), { cause: error })
  }
  const text = printable(flags.knownHosts ? answer.knownHosts : answer.text)
  if (flags.out === undefined) return void out.write(text)
  try {
    writeFileSync(flags.out, text, { mode: 0o600 })
  } catch (cause) {
    throw new CommandFailed(`${flags.out} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const Answer = z.object({ text: z.string().max(4_000_000), knownHosts: z.string().max(100_000) })
const answerWithinMs = 30_000
const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** A token is a password: it crosses no network in the clear. */
function readOrigin(text: string | undefined): string {
  if (text === undefined || text === '') throw new WrongUsage('no address: give --url https://… or SALLYPORT_URL')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw new WrongUsage(`--url ${text} is not an address such as https://bastion.example`)
  if (url.protocol === 'http:' && !loopback.has(url.hostname))
    throw new WrongUsage(`--url ${url.origin} would send the token in the clear: use https, or a tunnel to this machine`)
  return url.origin
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw new WrongUsage(`--port ${text} is not a port`)
  return port
}

function wordsFor(failure: Failure, origin: string): string {
  switch (failure.code) {
    case 'unauthenticated':
      return `${origin} does not know this token (any more): make another one under My account → API tokens`
    case 'forbidden':
    case 'token_not_allowed':
      return 'this token may not look: make one under My account → API tokens that may'
    case 'control_unreachable':
      return `${origin} does not answer: check the address, and NODE_EXTRA_CA_CERTS where its certificate signs itself`
    case 'internal':
      return `${origin} did not answer as a Sallyport does`
    default:
      return failure.message
  }
}

/** Lines and tabs; whatever else does something in a terminal is left out. */
// oxlint-disable-next-line no-control-regex -- control characters are what is removed here
const printable = (text: string) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')

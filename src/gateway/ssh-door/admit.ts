// Where a channel goes, and whether it may: control is asked for each of them, on what holds then. Who sits at a terminal is asked for what is missing.
import { isFailure } from '#domain/failure.ts'
import type { DoorAdmitted } from '#wire/door.ts'
import { readLine } from './channel-prompter.ts'
import type { Admitted, DoorConnection } from './door-connection.ts'
import { chooseTarget } from './menu/choose-target.ts'
import type { Run, SessionChannel } from './session-channel.ts'

/** `account`: its login name; undefined: the one that may be used. */
export type Target = { asset: string; account?: string | undefined }

/** So many hosts are named to who did not say where to go. */
const mostNamed = 20

/** Undefined when nothing is to run: the client has been told why. Throws the `Failure` with which control refuses. */
export async function admit(connection: DoorConnection, channel: SessionChannel, run: Run): Promise<Admitted | undefined> {
  const { work, caller, signedIn } = connection
  let target: Target | undefined = connection.target ?? (await chosen(connection, channel))
  if (!target) return undefined
  let { reason } = channel
  for (;;) {
    const { cols, rows } = channel.size
    const { asset, account }: Target = target
    try {
      const answer: DoorAdmitted = await work.link.ask({
        ask: 'admit',
        signIn: signedIn.signIn,
        source: caller.source,
        to: { asset },
        ...(account === undefined ? {} : { account }),
        // A terminal that runs one command is a terminal, also to control.
        kind: channel.pty && run.kind === 'exec' ? 'shell' : run.kind,
        ...(run.kind === 'exec' ? { command: run.command.toString('base64') } : {}),
        cols,
        rows,
        term: channel.term,
        ...(reason === undefined || reason === '' ? {} : { reason }),
      })
      if (answer.state === 'admitted') return answer
      const named = await chooseAccount(connection, channel, answer)
      if (named === undefined) return undefined
      target = { asset: answer.asset, account: named }
    } catch (cause) {
      if (!isFailure(cause) || cause.code !== 'reason_required' || !channel.pty || reason !== undefined) throw cause
      reason = (await readLine(channel, connection.words.reason, true, channel.gone)) ?? ''
    }
  }
}

async function chosen(connection: DoorConnection, channel: SessionChannel): Promise<Target | undefined> {
  const { work, signedIn, caller, words } = connection
  const find = (q: string, size: number) => work.link.ask({ ask: 'door-hosts', signIn: signedIn.signIn, source: caller.source, q, size })
  if (channel.pty) {
    const found = await chooseTarget(channel, { operator: signedIn.operator.username, language: signedIn.language ?? 'en', find, signal: channel.gone })
    if (!found) channel.close(0)
    return found
  }
  const { items, total } = await find('', mostNamed)
  const names = items.map(({ name }) => name)
  channel.refuse(
    `[Sallyport] ${words.noHost(`ssh ${signedIn.operator.username}+HOST@…`)}\n${names.length === 0 ? words.noHosts : words.hosts(names.join(', '), total - names.length)}`,
  )
  return undefined
}

async function chooseAccount(
  { words, signedIn }: DoorConnection,
  channel: SessionChannel,
  { asset, accounts }: { asset: string; accounts: readonly string[] },
): Promise<string | undefined> {
  if (!channel.pty) {
    const forms = accounts.map((account) => `${signedIn.operator.username}+${account}+${asset}`)
    channel.refuse(`[Sallyport] ${words.whichAccount(asset, forms.join(', '))}`)
    return undefined
  }
  for (const [index, account] of accounts.entries()) channel.write(`${String(index + 1).padStart(3)}  ${account}\r\n`)
  for (;;) {
    const line = (await readLine(channel, words.chooseAccount(asset), true, channel.gone))?.trim()
    if (line === undefined || line === '') {
      channel.close(0)
      return undefined
    }
    const named = accounts.find((account) => account === line) ?? (/^\d{1,3}$/.test(line) ? accounts[Number(line) - 1] : undefined)
    if (named !== undefined) return named
  }
}

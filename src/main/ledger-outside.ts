// Where the ledger is taken besides the database, from the settings of the start: read and judged before anything is started.
import { readFileSync, realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { Secret } from '#domain/secret.ts'
import type { LedgerOutside } from './boot.ts'
import { CommandFailed, WrongUsage } from './say.ts'
import type { Settings } from './settings.ts'

type Given = Pick<Settings, 'data' | 'ledgerHeads' | 'forwardSyslog' | 'forwardWebhook' | 'forwardWebhookSecret' | 'forwardWebhookSecretFile' | 'forwardCa'>

/** Shorter ones can be guessed from one message. */
const shortestSecret = 16

/** Throws `WrongUsage` or `CommandFailed` in words. */
export function ledgerOutside(settings: Given): LedgerOutside {
  const { ledgerHeads, forwardSyslog, forwardCa } = settings
  const secret = webhookSecret(settings)
  return {
    ...(ledgerHeads === undefined ? {} : { headsFolder: outsideOf(settings.data, ledgerHeads) }),
    ...(forwardSyslog === undefined ? {} : { syslog: syslogTarget(forwardSyslog) }),
    ...(settings.forwardWebhook === undefined || secret === undefined ? {} : { webhook: { url: settings.forwardWebhook, secret: secret.revealText() } }),
    ...(forwardCa === undefined ? {} : { ca: readText(forwardCa, '--forward-ca') }),
  }
}

/** Heads that lie with the data prove nothing: whoever changes the one changes the other. */
function outsideOf(data: string, folder: string): string {
  const [inner, outer] = [real(folder), real(data)]
  if (`${inner}${sep}`.startsWith(`${outer}${sep}`))
    throw new WrongUsage(`--ledger-heads ${folder} is inside the data folder: give one where whoever can change the data cannot write`)
  return inner
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path) // not there yet: control says so for heads, and makes it for data
  }
}

/** The settings have checked its form. */
function syslogTarget(address: string): { host: string; port: number; tls: boolean } {
  const url = new URL(address.replace(/^(tcp|tls):/, 'http:'))
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(/:(\d+)$/.exec(address)?.[1]), tls: address.startsWith('tls:') }
}

function webhookSecret({ forwardWebhook, forwardWebhookSecret, forwardWebhookSecretFile }: Given): Secret | undefined {
  if (forwardWebhook === undefined) {
    if (forwardWebhookSecretFile !== undefined) throw new WrongUsage('--forward-webhook-secret-file is given without --forward-webhook')
    return undefined
  }
  if (forwardWebhookSecret !== undefined && forwardWebhookSecretFile !== undefined)
    throw new WrongUsage('SALLYPORT_FORWARD_WEBHOOK_SECRET and --forward-webhook-secret-file exclude each other: give one')
  const text = forwardWebhookSecretFile === undefined ? forwardWebhookSecret : readText(forwardWebhookSecretFile, '--forward-webhook-secret-file').trim()
  if (text === undefined) throw new WrongUsage('--forward-webhook needs a secret: --forward-webhook-secret-file, or SALLYPORT_FORWARD_WEBHOOK_SECRET')
  if (text.length < shortestSecret) throw new WrongUsage(`the secret for --forward-webhook is too short: it needs ${shortestSecret} characters at least`)
  return new Secret(text)
}

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CommandFailed(`${flag} ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

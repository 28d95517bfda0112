import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ledgerOutside } from './ledger-outside.ts'
import { readSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-outside-'))
const data = join(folder, 'data')
mkdirSync(join(data, 'heads'), { recursive: true })
mkdirSync(join(folder, 'data-heads'))
symlinkSync(join(data, 'heads'), join(folder, 'link'))
writeFileSync(join(folder, 'secret'), '0123456789abcdef\n')
writeFileSync(join(folder, 'short'), '0123456789abcde\n')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const given = (flags: Record<string, string>, environment: Record<string, string> = {}) =>
  ledgerOutside(readSettings({ flags: { data, ...flags }, environment }))

it('takes a folder, receivers, and a secret that stands in no flag', () => {
  expect(given({})).toEqual({})
  expect(given({ ledgerHeads: join(folder, 'data-heads'), forwardSyslog: 'tls://[::1]:6514' })).toEqual({
    headsFolder: join(folder, 'data-heads'),
    syslog: { host: '::1', port: 6514, tls: true },
  })
  expect(given({ forwardSyslog: 'tcp://logs.example:80' })).toEqual({ syslog: { host: 'logs.example', port: 80, tls: false } })
  const webhook = { url: 'https://logs.example/x', secret: '0123456789abcdef' }
  expect(given({ forwardWebhook: webhook.url, forwardWebhookSecretFile: join(folder, 'secret') })).toEqual({ webhook })
  expect(given({ forwardWebhook: webhook.url }, { SALLYPORT_FORWARD_WEBHOOK_SECRET: webhook.secret })).toEqual({ webhook })
})

it.each<[string, Record<string, string>, string]>([
  ['a folder inside the data', { ledgerHeads: join(data, 'heads') }, 'inside the data folder'],
  ['the data folder itself', { ledgerHeads: data }, 'inside the data folder'],
  ['a link into the data', { ledgerHeads: join(folder, 'link') }, 'inside the data folder'],
  ['an address without a port', { forwardSyslog: 'tcp://logs.example' }, '--forward-syslog: is not tcp://host:port'],
  ['another protocol', { forwardSyslog: 'udp://logs.example:514' }, 'is not tcp://host:port'],
  ['a port that is none', { forwardSyslog: 'tcp://logs.example:70000' }, 'is not tcp://host:port'],
  ['a file as webhook', { forwardWebhook: 'file:///etc/passwd' }, 'is not an http:// or https:// address'],
  ['a webhook without a secret', { forwardWebhook: 'https://x' }, 'needs a secret'],
  ['a secret without a webhook', { forwardWebhookSecretFile: join(folder, 'secret') }, 'without --forward-webhook'],
  ['a short secret', { forwardWebhook: 'https://x', forwardWebhookSecretFile: join(folder, 'short') }, 'too short'],
  ['a file that is not there', { forwardCa: join(folder, 'none') }, '--forward-ca'],
])('refuses %s in words', (_what, flags, words) => expect(() => given(flags)).toThrow(words))

it('takes the secret by no flag and no file of settings', () => {
  const config = join(folder, 'sallyport.yaml')
  writeFileSync(config, 'forwardWebhookSecret: 0123456789abcdef\n')
  expect(() => readSettings({ flags: {}, environment: {}, config })).toThrow('unknown setting "forwardWebhookSecret"')
})

// `npm run bench [-- names…]`: what Sallyport costs beside OpenSSH, in the same run, A B A B. Exits 1 when a line is worse than its number to hold by more than 15 %, or nothing could be measured.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ApiClient } from '../test/harness/api-client.ts'
import { type Product, startProduct } from '../test/harness/product.ts'
import { type SavedHost, saveHost } from '../test/harness/saved-host.ts'
import { startSshd } from '../test/harness/sshd.ts'
import { makeTempFolder } from '../test/harness/temp-folder.ts'
import { waitUntil } from '../test/harness/wait.ts'
import { chromium } from './lines/chromium.ts'
import { connect } from './lines/connect.ts'
import { echo } from './lines/echo.ts'
import { flood, type FloodFile } from './lines/flood.ts'
import { idle } from './lines/idle.ts'
import { recording } from './lines/recording.ts'
import { stalled } from './lines/stalled.ts'
import { watchers } from './lines/watchers.ts'
import { nativeIdle } from './door/idle.ts'
import { bulk, connects, files, keys } from './door/lines.ts'
import { type Native, openNative } from './door/route.ts'
import { brokenText, type Line, table } from './numbers.ts'
import { keysBesideFiles, webFiles } from './transfers/files.ts'
import { rzSz } from './transfers/rz-sz.ts'
import { opensshSide } from './openssh.ts'
import { sallyportSide } from './sallyport.ts'
import type { Side } from './shell.ts'
import { zmodemEngine } from './zmodem-engine.ts'

const withinMs = 11.5 * 60_000
const rounds = Number(process.env.BENCH_ROUNDS ?? 5)
type Bench = { sallyport: Side; openssh: Side; file: FloodFile; product: Product; api: ApiClient; host: SavedHost; native: () => Promise<Native> }
const measures: Record<string, (bench: Bench) => Promise<Line[]>> = {
  connect: ({ sallyport, openssh }) => connect(sallyport, openssh, rounds * 3),
  flood: ({ sallyport, openssh, file }) => flood(sallyport, openssh, file, rounds),
  recording: ({ product, sallyport, file }) => recording(product, sallyport, file, rounds),
  echo: ({ sallyport, openssh }) => echo(sallyport, openssh, { rounds, besideFlood: false }),
  'echo-beside-flood': ({ sallyport, openssh }) => echo(sallyport, openssh, { rounds, besideFlood: true }),
  stalled: ({ sallyport, openssh, file }) => stalled(sallyport, openssh, file, Math.min(rounds, 2)),
  watchers: ({ product, api, host }) => watchers(product, api, host, Math.min(rounds, 3)),
  idle: ({ product, api }) => idle(product, api),
  'native-connect': async ({ native }) => connects(await native(), rounds),
  'native-bulk': async ({ native }) => bulk(await native(), rounds),
  'native-files': async ({ native }) => files(await native(), rounds),
  'native-echo': async ({ native }) => keys(await native(), { rounds, besideFlood: false }),
  'native-echo-beside-flood': async ({ native }) => keys(await native(), { rounds, besideFlood: true }),
  'native-idle': ({ product, api }) => nativeIdle(product, api),
  'web-files': async ({ native }) => webFiles(await native(), Math.min(rounds, 3)),
  'echo-beside-web-files': async ({ native, sallyport, openssh }) => keysBesideFiles(await native(), sallyport, openssh, Math.min(rounds, 3)),
  'rz-sz': ({ product, api, host }) => rzSz(product, api, host, Math.min(rounds, 3)),
  'zmodem-engine': () => Promise.resolve(zmodemEngine(rounds)),
  chromium: ({ product, api, host, file }) => chromium({ product, api, host }, file, rounds),
}
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(measures, name))
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`Usage: bench [${Object.keys(measures).join('|')}]…; BENCH_ROUNDS is a number of pairs\n`)
  process.exit(2)
}

/** 64 MiB of lines of text, as `cat` of a log gives them. */
function makeFlood(file: string): FloodFile {
  const lines: string[] = []
  for (let bytes = 0, number = 0; bytes < 64 * 1024 * 1024; number += 1) {
    const line = `${String(number).padStart(8, '0')} \u001b[32mINFO\u001b[0m request ${(number * 2_654_435_761) >>> 0} served in ${number % 977} ms from 192.0.2.${number % 255}\n`
    lines.push(line)
    bytes += line.length
  }
  const text = lines.join('')
  writeFileSync(file, text, { mode: 0o644 })
  // A PTY ends lines with both.
  const shown = Buffer.from(text.replaceAll('\n', '\r\n'))
  return { file, bytes: shown.length, digest: createHash('sha256').update(shown).digest('hex') }
}

const folder = await makeTempFolder('bench')
chmodSync(folder.path, 0o755)
const file = makeFlood(path.join(folder.path, 'flood.txt'))
const [sshd, product] = await Promise.all([startSshd(), startProduct({ gateways: 1, flags: ['--sessions-per-operator', '600'] })])
let opened: Promise<Native> | undefined
const tidy = async () => {
  await (await opened?.catch(() => undefined))?.close()
  await product.stop().catch(() => product.kill())
  await sshd.stop()
  await folder.remove()
}
const giveUp = async (why: string) => {
  process.stderr.write(`${why}\n`)
  await tidy()
  process.exit(1)
}
const tooLong = setTimeout(() => void giveUp(`the bench took longer than ${withinMs / 60_000} minutes`), withinMs)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(`ended by ${signal}`))

const lines: Line[] = []
try {
  const api = await product.claim()
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
  const sallyport = sallyportSide(product, api, host)
  const openssh = opensshSide({ port: sshd.port, username: sshd.user, keyFile: sshd.userKeys.ed25519.privateKeyFile })
  const native = () => (opened ??= openNative(product, api, sshd, host))
  for (const [name, measure] of Object.entries(measures)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    lines.push(...(await measure({ sallyport, openssh, file, product, api, host, native })))
    await waitUntil('the host to be left', () => sshd.sessionPids().length === 0, { withinMs: 30_000 })
  }
} finally {
  clearTimeout(tooLong)
  await tidy()
}
const version = spawnSync('ssh', ['-V'], { encoding: 'utf8' }).stderr.trim()
process.stdout.write(`${version}; Node ${process.version}; medians of ${rounds} A-B pairs\n\n${table(lines)}\n`)
const broken = brokenText(lines)
process.stdout.write(broken)
process.exitCode = broken === '' ? 0 : 1

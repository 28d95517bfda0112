// `npm run bench [-- names…]`: what Sallyport costs beside OpenSSH, in the same run, A B A B. Exits 1 when a line is worse than its number to hold by more than 15 %.
import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { startProduct } from '../test/harness/product.ts'
import { saveHost } from '../test/harness/saved-host.ts'
import { startSshd } from '../test/harness/sshd.ts'
import { makeTempFolder } from '../test/harness/temp-folder.ts'
import { waitUntil } from '../test/harness/wait.ts'
import { cpuSeconds } from './cost.ts'
import { connect } from './lines/connect.ts'
import { echo } from './lines/echo.ts'
import { flood } from './lines/flood.ts'
import { stalled } from './lines/stalled.ts'
import { isBroken, type Line, table } from './numbers.ts'
import { openSsh } from './openssh.ts'
import { openThroughSallyport, pidsOf } from './sallyport.ts'

const rounds = Number(process.env.BENCH_ROUNDS ?? 5)
const asked = process.argv.slice(2)
const wants = (name: string) => asked.length === 0 || asked.includes(name)

/** 64 MiB of lines of text, as `cat` of a log gives them. */
function floodText(): Buffer {
  const lines: string[] = []
  let bytes = 0
  for (let number = 0; bytes < 64 * 1024 * 1024; number += 1) {
    const line = `${String(number).padStart(8, '0')} \u001b[32mINFO\u001b[0m request ${(number * 2_654_435_761) >>> 0} served in ${number % 977} ms from 192.0.2.${number % 255}\n`
    lines.push(line)
    bytes += line.length
  }
  return Buffer.from(lines.join(''))
}

const folder = await makeTempFolder('bench')
const file = path.join(folder.path, 'flood.txt')
writeFileSync(file, floodText())
chmodSync(folder.path, 0o755)
chmodSync(file, 0o644)

const [sshd, product] = await Promise.all([startSshd(), startProduct()])
const lines: Line[] = []
try {
  const api = await product.claim()
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
  const sshPids = new Set<number>()
  const target = { port: sshd.port, username: sshd.user, keyFile: sshd.userKeys.ed25519.privateKeyFile }
  const viaSallyport = () => openThroughSallyport(product, api, host)
  const viaSsh = () => openSsh(target, (pid) => sshPids.add(pid))
  const settle = () => waitUntil('the host to be left', () => sshd.sessionPids().length === 0, { withinMs: 30_000 })
  const measure = async (name: string, take: () => Promise<Line[]>) => {
    if (!wants(name)) return
    process.stderr.write(`${name} …\n`)
    lines.push(...(await take()))
    await settle()
  }
  await measure('connect', () => connect({ sallyport: viaSallyport, openssh: viaSsh, rounds: rounds * 3 }))
  await measure('flood', () => flood({ sallyport: viaSallyport, openssh: viaSsh, file, sallyportCpu: () => cpuSeconds(pidsOf(product)), rounds }))
  await measure('echo', () => echo({ sallyport: viaSallyport, openssh: viaSsh, rounds, besideFlood: false }))
  await measure('echo-beside-flood', () => echo({ sallyport: viaSallyport, openssh: viaSsh, rounds, besideFlood: true }))
  await measure('stalled', () =>
    stalled({ sallyport: viaSallyport, openssh: viaSsh, sallyportPids: () => pidsOf(product), opensshPids: () => [...sshPids], rounds: Math.min(rounds, 3) }),
  )
} finally {
  await product.stop()
  await sshd.stop()
  await folder.remove()
}
const crypto = /crypto[^\n]*/i.exec(product.stdout())?.[0] ?? ''
const version = spawnSync('ssh', ['-V'], { encoding: 'utf8' }).stderr.trim()
process.stdout.write(`${version}; Node ${process.version}; ${crypto}; medians of ${rounds} A-B pairs\n\n${table(lines)}\n`)
const broken = lines.filter(isBroken)
for (const line of broken)
  process.stdout.write(`\n${line.name} is worse than its number: ${line.sallyport} against ${line.openssh} ${line.unit}, to hold ${line.hold}\n`)
process.exitCode = broken.length > 0 ? 1 : 0

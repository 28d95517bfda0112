// A firm of some size around the real sessions: 200 hosts, a few people, and 5,000 sessions of the last two months, written straight into the database of a product that is being photographed.
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { base32 } from '../../src/domain/id.ts'
import type { ApiClient } from '../../test/harness/api-client.ts'
import type { Product } from '../../test/harness/product.ts'
import { addOperator } from '../../test/harness/second-operator.ts'

const people = [
  ['grace', 'Grace Hopper', 'member'],
  ['linus', 'Linus T.', 'member'],
  ['王芳', '王芳', 'auditor'],
  ['maximiliane.von-und-zu-langenname', 'Maximiliane von und zu Langenname-Hohenstein', 'member'],
] as const
const kinds = [
  ['app', ['production', 'app']],
  ['worker', ['production', 'queue']],
  ['edge', ['production', 'edge']],
  ['ci-runner', ['ci', 'ephemeral']],
  ['stage', ['staging']],
  ['北京-计算节点', ['生产', '计算']],
] as const
const crowded = 170
const dayMs = 86_400_000

/** `key` opens none of them: they are never dialled. Addresses are of RFC 5737. */
export async function makeCrowd(product: Product, api: ApiClient, trusted: { type: string; key: string; fingerprint: string }[]): Promise<void> {
  for (const [username, name, role] of people) await addOperator(product, username, name, role)
  const shared = await api.call<{ id: string }>('POST', '/credentials', { name: 'Deploy key of the fleet', username: 'deploy', auth: { kind: 'generate' } })
  await api.call('POST', '/credentials', { name: 'Break glass', username: 'root', auth: { kind: 'password', password: 'one that nobody knows' } })
  await api.call('POST', '/credentials', { name: '数据库只读', username: 'readonly', auth: { kind: 'ask' } })
  const rows = Array.from({ length: crowded }, (_, at) => {
    const [kind, tags] = kinds[at % kinds.length] ?? kinds[0]
    return {
      name: `${kind}-${String(Math.floor(at / kinds.length) + 1).padStart(2, '0')}`,
      address: `${at % 2 === 0 ? '198.51.100' : '203.0.113'}.${20 + Math.floor(at / 2)}`,
      tags: [...tags],
      trusted: at % 9 === 8 ? [] : trusted,
      accounts: [{ username: 'deploy', auth: { kind: 'credential', id: shared.id } }],
    }
  })
  await api.call('POST', '/assets/import', { rows })
  writeRows(product)
}

const ends = [
  ['exited', 0, null],
  ['exited', 0, null],
  ['exited', 0, null],
  ['exited', 0, null],
  ['exited', 130, null],
  ['idle', null, null],
  ['host_lost', null, null],
  ['owner_gone', null, null],
  ['host_unreachable', null, 'host_timeout'],
  ['auth_failed', null, 'auth_failed'],
] as const

/** Repeatable noise, so that two rounds of pictures can be laid side by side. */
const noise = (at: number, most: number) => (Math.imul(at + 1, 2_654_435_761) >>> 7) % most

function writeRows(product: Product): void {
  const file = readdirSync(product.data, { recursive: true, encoding: 'utf8' }).find((one) => path.basename(one) === 'sallyport.db')
  if (file === undefined) throw new Error('the product keeps no sallyport.db')
  const database = new DatabaseSync(path.join(product.data, file))
  try {
    database.exec('pragma busy_timeout = 10000')
    const hosts = database.prepare('select id, name, address, port from assets').all() as { id: string; name: string; address: string; port: number }[]
    const operators = database.prepare('select id, name from operators').all() as { id: string; name: string }[]
    const { id: gateway } = database.prepare('select id from gateways limit 1').get() as { id: string }
    const now = Date.now()
    database.exec('begin immediate')
    // Nobody answers at these addresses; in the pictures most do, and nobody looks again.
    const reach = database.prepare(
      `update assets set "reachState" = ?, "reachFailure" = ?, "reachAt" = ?, "reachRttMs" = ?, "lastUsedAt" = coalesce("lastUsedAt", ?) where id = ? and port = 22`,
    )
    hosts.forEach(({ id }, at) => {
      const isDown = noise(at * 17, 14) === 0
      reach.run(
        isDown ? 'unreachable' : 'reachable',
        isDown ? 'host_timeout' : null,
        now - noise(at, 300_000),
        isDown ? null : 1 + noise(at, 40),
        at % 4 === 0 ? null : now - noise(at * 5, 20 * dayMs),
        id,
      )
    })
    for (let at = 0; at < 5000; at++) {
      const host = hosts[noise(at, hosts.length)]
      const operator = operators[noise(at * 7, operators.length)]
      const [reason, status, failure] = ends[noise(at * 13, ends.length)] ?? ends[0]
      if (!host || !operator) continue
      const lasted = failure === null ? 20_000 + noise(at * 3, 5_400_000) : noise(at, 9000)
      const startedAt = now - lasted - Math.floor(((at + 1) / 5000) * 60 * dayMs) - noise(at, 600_000)
      const row = {
        id: `se_${gateway.slice(3, 11)}${base32(randomBytes(15))}`,
        operatorId: operator.id,
        operatorName: operator.name,
        assetId: host.id,
        assetName: host.name,
        address: host.address,
        port: host.port,
        account: at % 3 === 0 ? 'root' : 'deploy',
        door: 'web',
        kind: 'shell',
        state: 'ended',
        source: `192.0.2.${10 + noise(at, 40)}`,
        gatewayId: gateway,
        startedAt,
        beganAt: failure === null ? startedAt + 90 : null,
        endedAt: startedAt + lasted,
        endReason: reason,
        failure,
        exitStatus: status,
        bytesIn: failure === null ? noise(at * 5, 40_000) : 0,
        bytesOut: failure === null ? noise(at * 11, 9_000_000) : 0,
        recordingSeconds: 0,
        recordingBytes: 0,
      }
      const columns = Object.keys(row)
      database
        .prepare(`insert into sessions (${columns.map((column) => `"${column}"`).join(', ')}) values (${columns.map(() => '?').join(', ')})`)
        .run(...Object.values(row))
    }
    database.exec('commit')
  } finally {
    database.close()
  }
}

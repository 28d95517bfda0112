// What there is to read of what was done: commands, written straight into the database of a product that is being photographed, the rules about them, and tokens.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ApiClient } from '../../test/harness/api-client.ts'
import type { Product } from '../../test/harness/product.ts'

const texts = [
  'ls -la /var/log',
  'sudo systemctl restart nginx',
  'tail -f /var/log/nginx/access.log | grep " 500 "',
  'rm -rf /srv/releases/2026-08-*',
  'kubectl get pods -A --field-selector=status.phase!=Running -o wide',
  `psql -U reporting -c "select count(*) from orders where created_at > now() - interval '1 day' and state = 'open'"`,
  'cat 部署说明.md',
  'git pull --rebase && npm ci && npm run build',
  'journalctl -u sallyport --since "10 min ago"',
  'df -h',
]
const rules = [
  { name: 'Destructive removal', match: 'pattern', pattern: 'rm -rf *', effect: 'deny', note: 'After the incident of March: use the retention job.' },
  { name: '重启服务', match: 'pattern', pattern: 'sudo systemctl restart *', effect: 'notice', note: '' },
  { name: 'Shutting a machine down', match: 'exact', pattern: 'shutdown -h now', effect: 'deny', enabled: false, note: '' },
] as const
const tokens = [
  ['nightly backup of db1', ['read'], 30],
  ['Terraform 生产环境', ['read', 'connect', 'manage'], undefined],
  ['ci', ['read', 'connect'], 3],
] as const
const dayMs = 86_400_000
const perSession = 12

export async function makeEvidence(product: Product, api: ApiClient): Promise<void> {
  for (const rule of rules) await api.call('POST', '/command-rules', rule)
  for (const [name, scopes, days] of tokens)
    await api.call('POST', '/tokens', { name, scopes, ...(days === undefined ? {} : { expiresAt: new Date(Date.now() + days * dayMs).toISOString() }) })
  const file = readdirSync(product.data, { recursive: true, encoding: 'utf8' }).find((one) => path.basename(one) === 'sallyport.db')
  if (file === undefined) throw new Error('the product keeps no sallyport.db')
  const database = new DatabaseSync(path.join(product.data, file))
  try {
    database.exec('pragma busy_timeout = 10000')
    const sessions = database
      .prepare(
        `select id, "operatorId", "operatorName", "assetId", "assetName", account, "startedAt" from sessions where state = 'ended' and "beganAt" is not null and "startedAt" < ? order by "startedAt" desc limit 300`,
      )
      // Long enough ago for all that is said to have been run in it.
      .all(Date.now() - 180_000) as Record<string, string | number>[]
    const insert = database.prepare(
      'insert or ignore into commands ("sessionId", number, "operatorId", "operatorName", "assetId", "assetName", account, at, "sessionMs", text, how, folder, "exitStatus", "durationMs", rule, verdict, search) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    database.exec('begin immediate')
    sessions.forEach((session, at) => {
      for (let number = 1; number <= perSession; number += 1) {
        const hidden = (at + number) % 11 === 0
        const text = hidden ? '' : (texts[(at * 7 + number) % texts.length] ?? '')
        const exact = !hidden && at % 2 === 0
        const ms = number * 9000 + at
        const rule = text.startsWith('rm -rf') ? rules[0].name : text.startsWith('sudo systemctl') ? rules[1].name : null
        const { id, operatorId, operatorName, assetId, assetName, account, startedAt } = session
        insert.run(
          ...([id, number, operatorId, operatorName, assetId, assetName, account, Number(startedAt) + ms, ms, text] as (string | number)[]),
          hidden ? 'hidden' : exact ? 'integration' : 'screen',
          exact ? '/srv/app' : null,
          exact ? (number % 5 === 0 ? 1 : 0) : null,
          exact ? 40 + number * 311 : null,
          rule,
          rule === null ? null : rule === rules[0].name && exact ? 'denied' : 'noticed',
          `${text} ${String(operatorName)} ${String(assetName)}`.toLowerCase(),
        )
      }
    })
    database.exec('commit')
  } finally {
    database.close()
  }
}

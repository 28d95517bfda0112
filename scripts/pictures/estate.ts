// What the pictures show: hosts as a firm has them, and sessions that really took place on them.
import type { ApiClient } from '../../test/harness/api-client.ts'
import type { Product } from '../../test/harness/product.ts'
import { openTerminal, type SavedHost } from '../../test/harness/saved-host.ts'
import type { TestSshd } from '../../test/harness/sshd.ts'
import type { TerminalClient } from '../../test/harness/terminal-client.ts'
import { waitUntil } from '../../test/harness/wait.ts'

type Auth = { kind: 'key'; privateKey: string } | { kind: 'password'; password: string } | { kind: 'ask' }
type HostPlan = {
  name: string
  address?: string
  port?: number
  tags?: string[]
  accounts: { username: string; auth: Auth }[]
  trust?: 'real' | 'none' | 'other'
}

const keysOf = (keys: { publicKey: string; fingerprint: string }[]) =>
  keys.map(({ publicKey, fingerprint }) => {
    const [type = '', key = ''] = publicKey.split(' ')
    return { type, key, fingerprint }
  })

/** Names that are never dialled: they fill the list. Documentation addresses of RFC 5737 and 3849. */
const shelf: [name: string, address: string, tags: string[]][] = [
  ['api-01', '192.0.2.21', ['production', 'api']],
  ['api-02', '192.0.2.22', ['production', 'api']],
  ['backup', '203.0.113.9', ['storage']],
  ['build-runner-with-a-name-that-somebody-made-far-too-long-for-any-table-eu-central-1a', '198.51.100.77', ['ci', 'linux', 'amd64', 'ephemeral', 'spot']],
  ['cache-01', '192.0.2.31', ['production']],
  ['cache-02', '192.0.2.32', ['production']],
  ['gitlab', 'gitlab.internal.example.com', ['tools']],
  ['grafana', 'grafana.internal.example.com', ['tools', 'monitoring']],
  ['k8s-node-1', '2001:db8:10::11', ['kubernetes']],
  ['k8s-node-2', '2001:db8:10::12', ['kubernetes']],
  ['k8s-node-3', '2001:db8:10::13', ['kubernetes']],
  ['mail', 'mail.example.com', ['edge']],
  ['staging', '198.51.100.40', ['staging']],
  ['vpn-gw', '203.0.113.1', ['edge']],
  ['上海-数据库-主节点', '198.51.100.101', ['生产', '数据库']],
  ['上海-数据库-只读副本-02', '198.51.100.102', ['生产', '数据库']],
  ['测试环境', '198.51.100.140', ['测试']],
  ['深圳-日志收集', '198.51.100.110', ['生产', '日志']],
]

export type Estate = { api: ApiClient; product: Product; sshd: TestSshd; hosts: Map<string, SavedHost>; live: TerminalClient[]; terminable: string }

async function addHosts(api: ApiClient, sshd: TestSshd): Promise<Map<string, SavedHost>> {
  const key: Auth = { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }
  const real = keysOf(Object.values(sshd.hostKeys))
  const login = { username: sshd.user, auth: key }
  const plans: HostPlan[] = [
    { name: 'web-01', tags: ['production', 'web'], accounts: [login, { username: 'www-data', auth: key }, { username: 'zabbix', auth: { kind: 'ask' } }] },
    { name: 'web-02', tags: ['production', 'web'], accounts: [login] },
    { name: 'db-primary', tags: ['production', 'database'], accounts: [login] },
    { name: '北京-应用服务器-03', tags: ['生产', '应用'], accounts: [login] },
    { name: 'ask-me', tags: ['staging'], accounts: [{ username: sshd.user, auth: { kind: 'ask' } }] },
    { name: 'reinstalled', tags: ['staging'], accounts: [login], trust: 'other' },
    { name: 'switched-off', port: 1, tags: ['staging'], accounts: [login] },
    { name: 'wrong-password', accounts: [{ username: sshd.user, auth: { kind: 'password', password: 'not this one' } }] },
    ...shelf.map(([name, address, tags], at) => ({
      name,
      address,
      port: 22,
      tags,
      accounts: [{ username: at % 3 === 0 ? 'deploy' : 'root', auth: key }],
      trust: at % 5 === 4 ? ('none' as const) : ('real' as const),
    })),
  ]
  const hosts = new Map<string, SavedHost>()
  for (const { name, address = sshd.host, port = sshd.port, tags = [], accounts, trust = 'real' } of plans) {
    const trusted = trust === 'real' ? real : trust === 'other' ? keysOf([sshd.strangerKey]) : []
    const made = await api.call<{ id: string; accounts: { id: string }[] }>('POST', '/assets', { name, address, port, tags, accounts, trusted })
    hosts.set(name, { id: made.id, name, account: accounts[0]?.username ?? '', accountId: made.accounts[0]?.id ?? '', hostKeys: trusted })
  }
  return hosts
}

/** Adds the hosts and lets sessions begin, go on, end, fail and be terminated on them. */
export async function makeEstate(product: Product, api: ApiClient, sshd: TestSshd): Promise<Estate> {
  const hosts = await addHosts(api, sshd)
  const open = (name: string) => openTerminal(product, api, hosts.get(name) as SavedHost, { cols: 110, rows: 30 })
  const work = async (name: string, lines: string[], end = 'exit\n') => {
    const terminal = await open(name)
    await terminal.waitForWelcome()
    for (const line of lines) {
      terminal.send(`${line}\n`)
      await new Promise((resolve) => setTimeout(resolve, 350))
    }
    terminal.send(end)
    await terminal.waitForEnded()
  }
  await Promise.all([
    work('web-01', ['uname -a', 'ls --color -l /etc | head -20', 'df -h / /dev/shm']),
    work('db-primary', ['uptime', 'ps aux | head -15'], 'exit 3\n'),
    work('北京-应用服务器-03', ['echo 你好，世界 🚪', 'ls --color /usr']),
    work('web-02', ["printf '\\033[1;32mok\\033[0m \\033[1;31mfailed\\033[0m\\n'"], 'kill -9 $$\n'),
  ])
  for (const name of ['reinstalled', 'switched-off', 'wrong-password']) await open(name).then((terminal) => terminal.waitForEnded())
  const doomed = await open('web-02')
  const { session } = await doomed.waitForWelcome()
  doomed.send('sleep 600\n')
  await api.call('POST', `/sessions/${session}/terminate`, { reason: 'Maintenance window begins at 22:00; please save your work.' })
  await doomed.waitForEnded()
  const left = await open('web-01')
  await left.waitForWelcome()
  left.cut()
  const live: TerminalClient[] = []
  for (const [name, line] of [
    ['web-01', 'tail -f /dev/null'],
    ['db-primary', 'top -d 2'],
    ['北京-应用服务器-03', 'while sleep 1; do date; done'],
  ] as const) {
    const terminal = await open(name)
    await terminal.waitForWelcome()
    terminal.send(`${line}\n`)
    live.push(terminal)
  }
  await waitUntil(
    'the recordings to be sealed',
    async () =>
      (await api.call<{ items: { recording?: { state: string } }[] }>('GET', '/sessions?state=ended')).items.every((row) => row.recording?.state !== 'writing'),
    { withinMs: 20_000, everyMs: 250 },
  )
  return { api, product, sshd, hosts, live, terminable: live[0]?.welcome?.session ?? '' }
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { grantTo } from '../access/test-grants.ts'
import { useEngine } from '../store/test-engines.ts'
import { askerOf } from './sign-ins.ts'
import { knownHostsOf, maxConfigHosts, sshConfigText } from './ssh-config.ts'
import { usableHosts } from './usable-hosts.ts'

const at = { host: 'bastion.example', port: 2222, username: 'alice@example.org' }

describe('a block for ~/.ssh/config', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sallyport-ssh-config-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** What the real ssh makes of it. */
  const asked = (text: string, host: string) => {
    const file = join(folder, 'config')
    writeFileSync(file, text)
    const lines = execFileSync('ssh', ['-G', '-F', file, host], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
  }
  const hosts = [
    { name: 'web1', accounts: ['deploy', 'root'] },
    { name: 'DB-2.example.org', accounts: ['post_gres'] },
  ]

  it('is read by ssh as it is meant', () => {
    const { text, count } = sshConfigText(at, hosts)
    expect(count).toBe(2)
    expect(asked(text, 'web1')).toMatchObject({ hostname: 'bastion.example', port: '2222', user: 'alice@example.org+deploy+web1', hostkeyalias: 'sallyport' })
    expect(asked(text, 'root.web1')).toMatchObject({ user: 'alice@example.org+root+web1', hostkeyalias: 'sallyport' })
    expect(asked(text, 'DB-2.example.org')).toMatchObject({ user: 'alice@example.org+post_gres+DB-2.example.org' })
    expect(asked(text, 'elsewhere.example')).toMatchObject({ hostname: 'elsewhere.example', port: '22' })
  })

  it('has the same through a jump in comments, which work when they are none', () => {
    const jump = sshConfigText(at, hosts)
      .text.split('\n')
      .flatMap((line) => /^# {3}(.*)$/.exec(line)?.[1] ?? [])
      .join('\n')
    expect(asked(jump, 'web1')).toMatchObject({ user: 'deploy', proxyjump: 'sallyport', hostkeyalias: 'sallyport' })
    expect(asked(jump, 'sallyport')).toMatchObject({ hostname: 'bastion.example', port: '2222', user: 'alice@example.org' })
  })

  it.each(['*', 'web?', '!web', 'a,b', 'a#b', '"quoted"', "it's", '%h', '${HOME}', 'a\\b', 'übung', '-oProxyCommand=x', 'a=b'])(
    'leaves out a name that means something else there: %s',
    (name) => {
      const { text, count } = sshConfigText(at, [
        { name, accounts: ['root'] },
        { name: 'web1', accounts: ['root', name] },
      ])
      expect(count).toBe(1)
      expect(text.split('\n').filter((line) => line.includes(name) && !line.startsWith('#'))).toEqual([])
      expect(text).toContain(`is taken: ${name}\n`)
      expect(asked(text, 'web1')).toMatchObject({ user: 'alice@example.org+root+web1' })
      expect(asked(text, 'something-else')).toMatchObject({ hostname: 'something-else' })
    },
  )

  it('gives no host the name of another one with its account', () => {
    const { text } = sshConfigText(at, [
      { name: 'web1', accounts: ['deploy', 'root'] },
      { name: 'root.web1', accounts: ['admin'] },
    ])
    expect(asked(text, 'root.web1')).toMatchObject({ user: 'alice@example.org+admin+root.web1' })
    expect(text).toContain('is taken: root on web1\n')
  })

  it('is of a bounded length, and none where the name of the person cannot stand in it', () => {
    const many = Array.from({ length: maxConfigHosts + 5 }, (_each, number) => ({ name: `web${number}`, accounts: ['root'] }))
    const { text, count } = sshConfigText(at, many)
    expect([count, text.includes('\n# 5 more are not in this block')]).toEqual([maxConfigHosts, true])
    expect(sshConfigText({ ...at, username: '王*' }, hosts)).toEqual({ count: 0, text: expect.stringMatching(/^# [^\n]*\n$/) as string })
  })

  it('goes with lines for known_hosts that name the alias', () => {
    expect(knownHostsOf([{ type: 'ssh-ed25519', publicKey: 'AAAA', fingerprint: 'x' }])).toBe('sallyport ssh-ed25519 AAAA\n')
  })
})

describe('the hosts in it', () => {
  const engine = useEngine('sqlite')
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  it('are those that may be used now, with the account that was used last before the others', async () => {
    const ann = await rooms.seedOperator({ role: 'member' })
    const [open, , strict, late] = [
      await rooms.seedAsset(undefined, { name: 'open' }),
      await rooms.seedAsset(undefined, { name: 'hidden' }),
      await rooms.seedAsset(undefined, { name: 'strict' }),
      await rooms.seedAsset(undefined, { name: 'late' }),
    ]
    const deploy = { id: `ac_${'d'.repeat(24)}`, assetId: open.id, username: 'deploy', authKind: 'ask', createdAt: 2 }
    await rooms.store.transaction(async (trx) => {
      await trx.insertInto('accounts').values(deploy).execute()
      await trx.insertInto('assetUses').values({ operatorId: ann.id, assetId: open.id, accountId: deploy.id, usedAt: 1 }).execute()
      await grantTo(trx, { operators: [ann.id], assets: [open.id] })
      await grantTo(trx, { operators: [ann.id], assets: [strict.id] }, { secondFactor: true, actions: ['forward'], sources: ['192.0.2.0/24'] })
      await grantTo(trx, { operators: [ann.id], assets: [late.id] }, { until: '2026-01-01T00:00:00Z' })
    })
    const row = await rooms.store.db.selectFrom('operators').selectAll().where('id', '=', ann.id).executeTakeFirstOrThrow()
    const asker = await askerOf(rooms.store.db, row, false)
    expect(await usableHosts(rooms.store.db, asker, '192.0.2.1', rooms.clock.now)).toEqual([
      { name: 'open', accounts: ['deploy', 'root'] },
      { name: 'strict', accounts: ['root'] },
    ])
    expect((await usableHosts(rooms.store.db, asker, '198.51.100.1', rooms.clock.now)).map((host) => host.name)).toEqual(['open'])
  })
})

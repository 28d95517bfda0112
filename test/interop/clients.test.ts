// Other people's clients, through the door as without it: dropbear, PuTTY, paramiko, asyncssh, curl, lftp, Ansible.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingOthers, run, type Ran } from './programs.ts'
import { contentOf, goal, openStand, randomFile, type Route, ssh, type Stand, told } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  const missing = missingOthers()
  if (missing.length > 0) process.stderr.write(`Not here, so not tried: ${missing.join(', ')}\n`)
}, 120_000)
afterAll(() => stand.close(), 60_000)

const routes = ['direct', 'door'] as const
const routeOf = (name: (typeof routes)[number]) => stand.routes.find((each) => each.name === name) as Route
const home = (route: Route) => ({ env: { HOME: route.home } })
const fine = { code: 0, stdout: '', stderr: '' }
const quoted = (words: readonly string[]) => words.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ')

describe.each(routes)('%s', (name) => {
  describe('dropbear', () => {
    const dbclient = async (args: readonly string[], options: { input?: string } = {}): Promise<Ran> => {
      const route = routeOf(name)
      const key = path.join(route.home, 'id_dropbear')
      await run('dropbearconvert', ['openssh', 'dropbear', route.key.privateKeyFile, key])
      return run('dbclient', ['-y', '-y', '-i', key, '-p', `${route.port}`, goal(route), ...args], { ...home(route), ...options })
    }
    it('runs a command', async () => {
      const { code, stdout } = await dbclient(['echo out; exit 7'])
      expect([code, stdout.toString()]).toEqual([7, 'out\n'])
    })
    it('passes stdin and much output', async () => {
      expect((await dbclient(['cat'], { input: 'y'.repeat(600_000) })).stdout.length).toBe(600_000)
      expect((await dbclient(['head -c 6000000 /dev/zero'])).stdout.length).toBe(6_000_000)
    })
  })

  describe('PuTTY', () => {
    const base = async () => {
      const route = routeOf(name)
      const ppk = path.join(route.home, 'key.ppk')
      await run('puttygen', [route.key.privateKeyFile, '-o', ppk], home(route))
      const keys = await run('ssh-keyscan', ['-t', 'ed25519', '-p', `${route.port}`, route.host])
      await writeFile(path.join(route.home, 'scanned'), keys.stdout)
      const { stdout } = await run('ssh-keygen', ['-l', '-E', 'sha256', '-f', path.join(route.home, 'scanned')])
      return { route, options: ['-batch', '-hostkey', stdout.toString().split(' ')[1] ?? '', '-P', `${route.port}`, '-i', ppk] }
    }
    it('plink runs a command', async () => {
      const { route, options } = await base()
      const ran = await run('plink', [...options, goal(route), 'echo out; echo err >&2; exit 5'], home(route))
      expect([ran.code, ran.stdout.toString(), ran.stderr.toString()]).toEqual([5, 'out\n', 'err\n'])
    })
    it('pscp and psftp copy', async () => {
      const { route, options } = await base()
      const local = path.join(route.home, 'putty.bin')
      const content = await randomFile(local, 2_000_000)
      for (const how of ['-scp', '-sftp']) {
        const up = await run('pscp', [...options, '-q', how, local, `${goal(route)}:${route.remote}/putty${how}`], home(route))
        const down = await run('pscp', [...options, '-q', how, `${goal(route)}:${route.remote}/putty${how}`, `${local}${how}`], home(route))
        expect([up.code, down.code, (await contentOf(`${local}${how}`)).equals(content)]).toEqual([0, 0, true])
      }
      const batch = `put ${local} ${route.remote}/psftp\nget ${route.remote}/psftp ${local}.psftp\nquit\n`
      expect((await run('psftp', [...options, goal(route)], { ...home(route), input: batch })).code).toBe(0)
      expect((await contentOf(`${local}.psftp`)).equals(content)).toBe(true)
    })
  })

  describe('Python', () => {
    const python = (script: string) => {
      const route = routeOf(name)
      return run(
        '/usr/bin/python3',
        ['-c', script, route.host, `${route.port}`, route.user, route.key.privateKeyFile, route.remote, path.join(route.home, name)],
        { env: { HOME: route.home, PYTHONWARNINGS: 'ignore' } },
      )
    }
    it('paramiko: command, shell, SFTP, direct-tcpip', async () => {
      const ran = await python(`
import sys, paramiko, hashlib, os, warnings
warnings.simplefilter('ignore')
host, port, user, key, remote, local = sys.argv[1:]
c = paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
c.connect(host, int(port), user, key_filename=key, look_for_keys=False, allow_agent=False)
i, o, e = c.exec_command('cat; echo err >&2; exit 4'); i.write('in\\n'); i.channel.shutdown_write()
assert (o.read(), e.read(), o.channel.recv_exit_status()) == (b'in\\n', b'err\\n', 4)
s = c.invoke_shell(); s.send(b'echo $((40+2))x; exit\\n'); t = b''
while True:
    b = s.recv(4096)
    if not b: break
    t += b
assert b'42x' in t, t
f = c.open_sftp(); data = os.urandom(1500000)
with f.open(remote + '/paramiko', 'wb') as h: h.set_pipelined(True); h.write(data)
assert f.stat(remote + '/paramiko').st_size == len(data)
with f.open(remote + '/paramiko', 'rb') as h: h.prefetch(); assert h.read() == data
assert 'paramiko' in [a.filename for a in f.listdir_iter(remote)]
f.rename(remote + '/paramiko', remote + '/p2'); f.remove(remote + '/p2')
try: f.stat(remote + '/p2'); raise SystemExit('still there')
except FileNotFoundError: pass
c.close(); print('well')
`)
      expect(told(ran)).toEqual({ code: 0, stdout: 'well\n', stderr: '' })
    })
    it('asyncssh: command, terminal, SFTP, forwarding', async () => {
      const ran = await python(`
import sys, asyncio, asyncssh, os
host, port, user, key, remote, local = sys.argv[1:]
async def main():
    async with asyncssh.connect(host, int(port), username=user, client_keys=[key], known_hosts=None, agent_path=None) as c:
        r = await c.run('cat; echo err >&2; exit 3', input='in\\n'); assert (r.stdout, r.stderr, r.exit_status) == ('in\\n', 'err\\n', 3), r
        r = await c.run('stty size', term_type='xterm', term_size=(91, 31)); assert r.stdout.strip() == '31 91', r.stdout
        many = await asyncio.gather(*[c.run('echo %d' % n) for n in range(10)]); assert [m.stdout.strip() for m in many] == [str(n) for n in range(10)]
        async with c.start_sftp_client() as f:
            open(local, 'wb').write(os.urandom(800000)); await f.put(local, remote + '/a1'); await f.mget(remote + '/a*', local + '.d') if os.makedirs(local + '.d', exist_ok=True) is None else None
            assert open(local, 'rb').read() == open(local + '.d/a1', 'rb').read()
        l = await c.forward_local_port('127.0.0.1', 0, '127.0.0.1', ${stand?.sshd.port ?? 0} or int(port)); rd, wr = await asyncio.open_connection('127.0.0.1', l.get_port())
        assert (await rd.readline()).startswith(b'SSH-2.0-'); wr.close(); l.close()
asyncio.run(main()); print('well')
`)
      expect(told(ran)).toEqual({ code: 0, stdout: 'well\n', stderr: '' })
    })
  })

  it('curl reads and writes by SFTP and scp', async () => {
    const route = routeOf(name)
    const local = path.join(route.home, 'curl.bin')
    const content = await randomFile(local, 700_000)
    const curl = (...args: string[]) =>
      run(
        'curl',
        ['-s', '-S', '-k', '--key', route.key.privateKeyFile, '--pubkey', `${route.key.privateKeyFile}.pub`, '-u', `${route.user}:`, ...args],
        home(route),
      )
    const url = `//${route.host}:${route.port}${route.remote}/curl.bin`
    expect(told(await curl('-T', local, `sftp:${url}`))).toEqual(fine)
    expect((await curl(`sftp:${url}`)).stdout.equals(content)).toBe(true)
    expect((await curl(`scp:${url}`)).stdout.equals(content)).toBe(true)
  })

  it('lftp mirrors', async () => {
    const route = routeOf(name)
    const there = path.join(route.home, 'mirror')
    for (let file = 0; file < 20; file += 1) await randomFile(path.join(there, `${file % 3}`, `${file}.bin`), 10_000)
    const program = quoted(['ssh', '-a', '-x', ...route.options])
    const script = `set sftp:connect-program "${program}"; set net:max-retries 1; open -p ${route.port} -u ${route.user},x sftp://${route.host}; mirror -R ${there} ${route.remote}/mirror; mirror ${route.remote}/mirror ${there}.back; bye`
    const ran = await run('lftp', ['-c', script], home(route))
    expect({ code: ran.code, stderr: ran.stderr.toString() }).toEqual({ code: 0, stderr: '' })
    expect(told(await run('diff', ['-r', there, `${there}.back`]))).toEqual(fine)
  })

  it.each([
    ['as it comes', {}],
    ['pipelined', { ANSIBLE_PIPELINING: 'True' }],
    ['copying by scp', { ANSIBLE_SSH_TRANSFER_METHOD: 'scp' }],
    ['copying through a pipe', { ANSIBLE_SSH_TRANSFER_METHOD: 'piped' }],
  ] as const)(
    'Ansible reaches the host and copies, %s',
    async (_how, env) => {
      const route = routeOf(name)
      const folder = path.join(route.home, 'ansible')
      await mkdir(folder, { recursive: true })
      const inventory = path.join(folder, 'hosts')
      const facts = {
        host: route.host,
        port: route.port,
        user: route.user,
        ssh_common_args: quoted(route.options),
        remote_tmp: `${route.remote}/tmp`,
        python_interpreter: '/usr/bin/python3',
      }
      await writeFile(
        inventory,
        `it ${Object.entries(facts)
          .map(([key, value]) => `ansible_${key}='${String(value).replaceAll("'", '"')}'`)
          .join(' ')}\n`,
      )
      const options = { env: { HOME: route.home, ANSIBLE_SSH_CONTROL_PATH_DIR: path.join(folder, 'cp'), ...env }, withinMs: 120_000 }
      const pinged = await run('ansible', ['-i', inventory, 'all', '-m', 'ping', '-o'], options)
      expect(pinged.stdout.toString(), pinged.stderr.toString()).toMatch(/it \| SUCCESS .*pong/)
      const source = path.join(folder, 'file')
      const content = await randomFile(source, 50_000)
      const copied = await run('ansible', ['-i', inventory, 'all', '-m', 'copy', '-a', `src=${source} dest=${route.remote}/ansible`, '-o'], options)
      expect(copied.stdout.toString(), copied.stderr.toString()).toMatch(/it \| (CHANGED|SUCCESS)/)
      expect((await ssh(route, [`cat ${route.remote}/ansible`])).stdout.equals(content)).toBe(true)
    },
    300_000,
  )
})

describe('what cannot cross a bastion', () => {
  it('mosh ends, and does not hang', async () => {
    const [, door] = stand.routes
    const ran = await run('mosh', [`--ssh=${quoted(['ssh', ...door.options, '-p', `${door.port}`])}`, goal(door)], {
      ...home(door),
      env: { HOME: door.home, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
      withinMs: 30_000,
    })
    expect(ran.code).not.toBe(0)
  })
})

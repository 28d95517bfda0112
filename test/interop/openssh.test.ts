// OpenSSH's own programs, through the door as without it.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, type Ran } from './programs.ts'
import { contentOf, goal, openStand, randomFile, type Route, ssh, type Stand, told } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
}, 120_000)
afterAll(() => stand.close(), 60_000)

/** The same by both routes. */
async function both<Result>(act: (route: Route) => Promise<Result>): Promise<{ direct: Result; door: Result }> {
  const [direct, door] = stand.routes
  return { direct: await act(direct), door: await act(door) }
}
async function alike(act: (route: Route) => Promise<Ran>): Promise<Ran> {
  const { direct, door } = await both(act)
  expect(told(door)).toEqual(told(direct))
  expect(door.stdout.equals(direct.stdout)).toBe(true)
  return door
}
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('ssh', () => {
  it.each([0, 1, 7, 127, 254, 255])('hands back exit status %i', async (status) => {
    expect((await alike((route) => ssh(route, [`exit ${status}`]))).code).toBe(status)
  })
  it('hands it back of what closed its output before it ended', async () => {
    expect((await alike((route) => ssh(route, ['exec >&- 2>&-; sleep 0.5; exit 7']))).code).toBe(7)
  })
  it('keeps stdout and stderr apart', async () => {
    const { stdout, stderr } = await alike((route) => ssh(route, ['echo out; echo err >&2; exit 3']))
    expect([stdout.toString(), stderr.toString()]).toEqual(['out\n', 'err\n'])
  })
  it('ends as the direct one when the command is killed', async () => {
    await alike((route) => ssh(route, ['kill -TERM $$']))
    await alike((route) => ssh(route, ['kill -USR2 $$']))
  })
  it('passes binary input whole, and what comes after its end', async () => {
    const input = randomBytes(5_000_000)
    const { stdout } = await alike((route) => ssh(route, ['cat; echo done'], { input }))
    expect(sha256(stdout)).toBe(sha256(Buffer.concat([input, Buffer.from('done\n')])))
  })
  it('passes a script on stdin', () => alike((route) => ssh(route, ['-T', 'bash -s -- one two'], { input: 'echo "$1-$2"; read line; echo "$line"\nthree\n' })))
  it('gives a command a terminal when asked', async () => {
    const { stdout } = await both((route) => ssh(route, ['-tt', 'stty size; tput -T xterm colors; tty'], { env: { TERM: 'xterm' } })).then(({ door }) => door)
    expect(stdout.toString()).toMatch(/\d+ \d+\r\n8\r\n\/dev\/pts\/\d+\r\n/)
  })
  it('takes no terminal when told so', () => alike((route) => ssh(route, ['-T', 'tty; test -t 0 || echo none'])))
  it('passes the environment that may pass', async () => {
    const { stdout } = await alike((route) =>
      ssh(route, ['-o', 'SendEnv=LC_ALL LC_PAPER', 'echo "$LC_ALL|$LC_PAPER"'], { env: { LC_ALL: 'C.UTF-8', LC_PAPER: 'C' } }),
    )
    expect(stdout.toString()).toBe('C.UTF-8|C\n')
  })
  it('leaves the rest of the environment out', async () => {
    const [, door] = stand.routes
    const set = ['LD_PRELOAD=/x', 'BASH_ENV=/x', 'NODE_OPTIONS=/x', 'PATH=/x'].flatMap((each) => ['-o', `SetEnv=${each}`])
    const { stdout } = await ssh(door, [...set, 'env'])
    expect(stdout.toString()).not.toMatch(/^(LD_PRELOAD|BASH_ENV|NODE_OPTIONS)=|^PATH=\/x/m)
  })
  it('loses nothing of a large output, whatever comes with it', async () => {
    const { stdout } = await alike((route) => ssh(route, ['head -c 30000000 /dev/zero | tr "\\0" x; exit 9']))
    expect(stdout.length).toBe(30_000_000)
  })
  it('loses nothing of two large outputs at once', async () => {
    const { stdout, stderr, code } = await alike((route) =>
      ssh(route, ['(head -c 20971520 /dev/zero | tr "\\0" o) & (head -c 20971520 /dev/zero | tr "\\0" e >&2) & wait; exit 5']),
    )
    expect([stdout.length, stderr.length, code]).toEqual([20_971_520, 20_971_520, 5])
  })
  it('exchanges keys in the middle', async () => {
    const { stdout } = await alike((route) => ssh(route, ['-o', 'RekeyLimit=256k', 'head -c 8000000 /dev/zero | tr "\\0" k']))
    expect(stdout.length).toBe(8_000_000)
    const input = randomBytes(4_000_000)
    expect(sha256((await alike((route) => ssh(route, ['-o', 'RekeyLimit=256k', 'cat'], { input }))).stdout)).toBe(sha256(input))
  })
  it('shares one connection among many commands', async () => {
    const { door } = await both(async (route) => {
      const socket = path.join(stand.folder, `${route.name}.mux`)
      const options = [...route.options, '-S', socket, '-p', `${route.port}`]
      const master = await run('ssh', [...options, '-M', '-f', '-N', goal(route)], { env: { HOME: route.home } })
      const ran = await Promise.all(
        Array.from({ length: 12 }, (_none, each) =>
          run('ssh', [...options, goal(route), `sleep 0.3; echo ${each}; exit ${each}`], { env: { HOME: route.home } }),
        ),
      )
      await run('ssh', [...options, '-O', 'exit', goal(route)], { env: { HOME: route.home } })
      return { master: master.code, codes: ran.map(({ code }) => code), said: ran.map(({ stdout }) => stdout.toString()) }
    })
    expect(door).toEqual({ master: 0, codes: [...Array(12).keys()], said: [...Array(12).keys()].map((each) => `${each}\n`) })
  })
})

describe('scp and sftp', () => {
  it.each([
    ['by SFTP', []],
    ['by the old protocol', ['-O']],
  ])('copy there and back %s', async (_how, flags) => {
    const { door } = await both(async (route) => {
      const [there, back] = [path.join(route.home, 'there'), path.join(route.home, `back${flags.length}`)]
      const content = await randomFile(path.join(there, 'one file.bin'), 3_000_000)
      await randomFile(path.join(there, 'below', '中文.txt'), 1000)
      const scp = (...args: string[]) =>
        run('scp', [...flags, '-q', '-r', '-p', ...route.options, '-P', `${route.port}`, ...args], { env: { HOME: route.home } })
      const up = await scp(there, `${goal(route)}:${route.remote}/scp${flags.length}`)
      const down = await scp(`${goal(route)}:${route.remote}/scp${flags.length}`, back)
      const same = (await contentOf(path.join(back, 'one file.bin'))).equals(content)
      const times =
        (await stat(path.join(back, 'one file.bin'))).mtime.getTime() === Math.trunc((await stat(path.join(there, 'one file.bin'))).mtimeMs / 1000) * 1000
      return { up: told(up), down: told(down), same, times, below: (await stat(path.join(back, 'below', '中文.txt'))).size }
    })
    expect(door).toEqual({ up: { code: 0, stdout: '', stderr: '' }, down: { code: 0, stdout: '', stderr: '' }, same: true, times: true, below: 1000 })
  })
  it('name a missing file alike', async () => {
    const { direct, door } = await both((route) =>
      run('scp', [...route.options, '-P', `${route.port}`, `${goal(route)}:/nowhere/at-all`, '/tmp/'], { env: { HOME: route.home } }),
    )
    expect(told(door)).toEqual(told(direct))
  })
  it('run a batch, deeply pipelined', async () => {
    const { door } = await both(async (route) => {
      const local = path.join(route.home, 'batch.bin')
      const content = await randomFile(local, 9_000_000)
      const batch = `put ${local} ${route.remote}/b1\nrename ${route.remote}/b1 ${route.remote}/b2\nls -l ${route.remote}/b2\nget ${route.remote}/b2 ${local}.back\nmkdir ${route.remote}/d\nrmdir ${route.remote}/d\nsymlink b2 ${route.remote}/s\nchmod 600 ${route.remote}/b2\nrm ${route.remote}/s\n`
      const ran = await run('sftp', ['-R', '64', '-B', '261120', ...route.options, '-P', `${route.port}`, '-b', '-', goal(route)], {
        input: batch,
        env: { HOME: route.home },
      })
      return { code: ran.code, stderr: ran.stderr.toString(), same: (await contentOf(`${local}.back`)).equals(content) }
    })
    expect(door).toEqual({ code: 0, stderr: '', same: true })
  })
})

describe('rsync and git', () => {
  const shell = (route: Route) => ['ssh', ...route.options, '-p', `${route.port}`].map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ')
  it('rsync copies there and back, and nothing twice', async () => {
    const { door } = await both(async (route) => {
      const there = path.join(route.home, 'rsync')
      await randomFile(path.join(there, 'a.bin'), 2_000_000)
      await randomFile(path.join(there, 'deep', 'b c.bin'), 20_000)
      const rsync = (...args: string[]) => run('rsync', ['-a', '--checksum', '-e', shell(route), ...args], { env: { HOME: route.home } })
      const up = await rsync(`${there}/`, `${goal(route)}:${route.remote}/rsync/`)
      const again = await rsync('--itemize-changes', `${there}/`, `${goal(route)}:${route.remote}/rsync/`)
      const down = await rsync(`${goal(route)}:${route.remote}/rsync/`, `${there}.back/`)
      const difference = await run('diff', ['-r', there, `${there}.back`])
      return [up, again, down, difference].map(told)
    })
    expect(door).toEqual(Array(4).fill({ code: 0, stdout: '', stderr: '' }))
  })
  it('git pushes and clones', async () => {
    const { door } = await both(async (route) => {
      const work = path.join(route.home, 'work')
      await mkdir(work, { recursive: true })
      await randomFile(path.join(work, 'big.bin'), 3_000_000)
      const env = { HOME: route.home, GIT_SSH_COMMAND: shell(route), GIT_CONFIG_GLOBAL: '/dev/null' }
      const git = (args: string[], cwd = work) =>
        run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main', ...args], { env, cwd })
      await ssh(route, [`git init -q --bare ${route.remote}/repo.git && git -C ${route.remote}/repo.git symbolic-ref HEAD refs/heads/main`])
      const url = `ssh://${encodeURIComponent(route.user)}@${route.host}:${route.port}${route.remote}/repo.git`
      for (const args of [
        ['init', '-q'],
        ['add', '.'],
        ['commit', '-q', '-m', 'one'],
      ])
        await git(args)
      const push = await git(['push', '-q', url, 'HEAD:main'])
      const clone = await git(['clone', '-q', url, `${work}.clone`], route.home)
      const same = (await readFile(path.join(`${work}.clone`, 'big.bin'))).equals(await readFile(path.join(work, 'big.bin')))
      return { push: push.code, clone: clone.code, said: clone.stderr.toString(), same }
    })
    expect(door).toEqual({ push: 0, clone: 0, said: '', same: true })
  })
})

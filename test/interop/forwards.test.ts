// Forwarded ports, sockets of SOCKS clients, jumps and agents, with OpenSSH's client.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../harness/free-port.ts'
import { testOperator } from '../harness/product.ts'
import { waitUntil } from '../harness/wait.ts'
import { run } from './programs.ts'
import { assetName, goal, openStand, type Route, ssh, type Stand, told } from './stand.ts'

let stand: Stand
let web: Server
let echo: TcpServer
const page = 'x'.repeat(300_000)
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port
beforeAll(async () => {
  stand = await openStand()
  web = createServer((_request, response) => response.end(page)).listen(0, '127.0.0.1')
  echo = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  await Promise.all([web, echo].map((server) => new Promise((resolve) => server.once('listening', resolve))))
}, 120_000)
afterAll(async () => {
  web.close()
  echo.close()
  await stand.close()
}, 60_000)

/** An ssh that stays, until the act is over; what it says on stderr can be waited for. */
async function beside<Result>(route: Route, args: readonly string[], act: (said: () => string) => Promise<Result>): Promise<Result> {
  const child: ChildProcess = spawn('ssh', [...route.options, '-p', `${route.port}`, '-o', 'ExitOnForwardFailure=yes', '-N', ...args, goal(route)], {
    env: { ...process.env, HOME: route.home },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    return await act(() => said)
  } finally {
    child.kill()
    await ended
  }
}
const fetched = (args: readonly string[]) => run('curl', ['-s', '--max-time', '20', ...args])
/** Until the port answers. */
const waitFor = (port: number, how: readonly string[] = []) =>
  waitUntil('the forwarded port', async () => (await fetched([...how, `http://127.0.0.1:${port}/`])).code === 0, { withinMs: 20_000 })

describe.each(['direct', 'door'] as const)('%s', (name) => {
  const route = () => stand.routes.find((each) => each.name === name) as Route
  it('-L: ten at once', async () => {
    const port = await freePort()
    await beside(route(), ['-L', `127.0.0.1:${port}:127.0.0.1:${portOf(web)}`], async () => {
      await waitFor(port)
      const pages = await Promise.all(Array.from({ length: 10 }, () => fetched([`http://127.0.0.1:${port}/`])))
      expect(pages.map(({ stdout }) => stdout.length)).toEqual(Array(10).fill(page.length))
    })
  })
  it('-R: from the host to here', async () => {
    const port = await freePort()
    await beside(route(), ['-R', `${port}:127.0.0.1:${portOf(web)}`], async () => {
      await waitFor(port)
      expect((await fetched([`http://127.0.0.1:${port}/`])).stdout.length).toBe(page.length)
    })
  })
  it('-R 0: the host chooses the port, and the client is told which', async () => {
    await beside(route(), ['-R', `0:127.0.0.1:${portOf(web)}`], async (said) => {
      await waitUntil('the port', () => /Allocated port \d+/.test(said()), { withinMs: 20_000 })
      const port = Number(/Allocated port (\d+)/.exec(said())?.[1])
      expect((await fetched([`http://127.0.0.1:${port}/`])).stdout.length).toBe(page.length)
    })
  })
  it('-D: a SOCKS proxy', async () => {
    const port = await freePort()
    await beside(route(), ['-D', `127.0.0.1:${port}`], async () => {
      const isWhole = async () => (await fetched(['--socks5', `127.0.0.1:${port}`, `http://127.0.0.1:${portOf(web)}/`])).stdout.length === page.length
      await waitUntil('a page by SOCKS', isWhole, { withinMs: 20_000 })
    })
  })
  it('-W: stdin and stdout as a connection, each half closed by itself', async () => {
    const { options, port } = route()
    const input = Buffer.alloc(700_000, 'w')
    const { stdout, code } = await run('ssh', [...options, '-p', `${port}`, '-W', `127.0.0.1:${portOf(echo)}`, goal(route())], {
      input,
      env: { HOME: route().home },
    })
    expect([code, stdout.equals(input)]).toEqual([0, true])
  })
  it('a port where nobody listens', async () => {
    const { options, port } = route()
    const dead = await freePort()
    const { code, stderr } = await run('ssh', [...options, '-p', `${port}`, '-W', `127.0.0.1:${dead}`, goal(route())], { env: { HOME: route().home } })
    expect(code).not.toBe(0)
    expect(stderr.toString()).toMatch(/open failed: connect failed/)
  })
})

describe('ssh -J', () => {
  it('is the same, and recorded', async () => {
    const [, door] = stand.routes
    const jump = ['ssh', ...door.options, '-p', `${door.port}`, '-W', '%h:%p', `${testOperator.username}@${door.host}`].join(' ')
    const options = [...door.options, '-o', `ProxyCommand=${jump}`, '-o', 'HostKeyAlias=[127.0.0.1]:' + door.port]
    const ran = await run('ssh', [...options, `${stand.sshd.user}@${assetName}`, 'echo jumped; exit 6'], { env: { HOME: door.home } })
    expect(told(ran)).toEqual({ code: 6, stdout: 'jumped\n', stderr: '' })
    const { items } = await stand.api.call<{ items: { kind: string; command?: string; door: string; exitStatus?: number }[] }>('GET', '/sessions?size=5')
    expect(items[0]).toMatchObject({ door: 'ssh', kind: 'exec', command: 'echo jumped; exit 6', exitStatus: 6 })
    const copied = await run('scp', ['-q', ...options, '/etc/hostname', `${stand.sshd.user}@${assetName}:${door.remote}/jumped`], { env: { HOME: door.home } })
    expect(told(copied)).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('the environment of VS Code’s Remote-SSH', () => {
  it('runs a script and forwards to the host’s loopback, several channels at once', async () => {
    const [, door] = stand.routes
    const port = await freePort()
    await beside(door, ['-D', `127.0.0.1:${port}`], async () => {
      const install = await ssh(door, ['-T', 'sh'], { input: `printf 'start %s\\n' "$((6*7))"\nuname -s\nexit 0\n` })
      expect(install.stdout.toString()).toBe('start 42\nLinux\n')
      const byProxy = () => fetched(['--socks5-hostname', `127.0.0.1:${port}`, `http://127.0.0.1:${portOf(web)}/`])
      await waitUntil('the proxy', async () => (await byProxy()).code === 0, { withinMs: 20_000 })
      const many = await Promise.all([...Array.from({ length: 6 }, byProxy), ssh(door, ['echo beside'])])
      expect(many.map(({ stdout }) => stdout.length)).toEqual([...Array(6).fill(page.length), 7])
    })
  })
})

// The commands of a checkout, as people run them: by the machine's own Node, through scripts/run.mjs.
import { execFile, spawn } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { ApiClient } from './harness/api-client.ts'
import { freePort } from './harness/free-port.ts'
import { descendants, isAlive, signalAll } from './harness/process-tree.ts'
import { checkout } from './harness/product.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

const run = promisify(execFile)
const script = path.join(checkout, 'scripts', 'run.mjs')
const machinePath = (process.env.PATH ?? '')
  .split(path.delimiter)
  .filter((entry) => !entry.includes('node_modules'))
  .join(path.delimiter)
const env = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|SALLYPORT_)/i.test(name))), PATH: machinePath }

type Ended = { code: number; stdout: string; stderr: string }
const ended = (args: string[]): Promise<Ended> =>
  run('node', args, { env, cwd: checkout }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ended) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  )

const setUp = `import { setUp } from ${JSON.stringify(path.join(checkout, 'scripts', 'set-up', 'set-up.mjs'))}; await setUp()`

describe('a command of the checkout', () => {
  // The source may have changed since the command that runs these tests was started.
  beforeAll(async () => {
    expect((await ended(['--input-type=module', '-e', setUp])).code).toBe(0)
  })
  test('that does not exist is answered with those that do', async () => {
    const { code, stderr } = await ended([script, 'strat'])
    expect(code).toBe(2)
    expect(stderr).toContain('start|test|')
  })
  test('keeps the exit code of what it runs, and adds no word', async () => {
    const { code, stdout, stderr } = await ended([script, 'start', '--no-such-flag'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^[^\n]*--no-such-flag[^\n]*\n$/)
  })
  test('adds less than a second when there is nothing to set up', async () => {
    // The fastest of five: other programs may be busy meanwhile.
    const took: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const from = performance.now()
      expect(await ended(['--input-type=module', '-e', setUp])).toEqual({ code: 0, stdout: '', stderr: '' })
      took.push(performance.now() - from)
    }
    expect(Math.min(...took)).toBeLessThan(1000)
  })
  test('serves until SIGTERM, then leaves nothing running', async () => {
    const folder = await makeTempFolder('commands')
    const port = await freePort()
    // npm's signal reaches what it started, and not a shell in between.
    const child = spawn('npm', ['start', '--', '--data', path.join(folder.path, 'data'), '--http', `127.0.0.1:${port}`, '--ssh', '127.0.0.1:0'], {
      env,
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve))
    const pids = () => [child.pid ?? -1, ...descendants(child.pid ?? -1)]
    try {
      await waitUntil(
        'the product to be ready',
        async () => {
          if (child.exitCode !== null) throw new Error(`it ended: ${said}`)
          return said.includes('#') && (await new ApiClient(`http://127.0.0.1:${port}`).request('GET', '/healthz').catch(() => undefined))?.status === 200
        },
        { withinMs: 30_000 },
      )
      const started = pids()
      child.kill('SIGTERM')
      expect(await exit).toBe(0)
      expect(started.filter(isAlive)).toEqual([])
    } finally {
      signalAll(pids(), 'SIGKILL')
      await folder.remove()
    }
  })
})

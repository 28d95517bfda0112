// Breaks each defence of `test/mutations.md` in a copy of the checkout and sees its test fail. With arguments: those alone whose line has one of the texts.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { breakDefence, readMutations, type Mutation } from './mutations/read-list.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Of one test file; what hangs because its defence is gone has been noticed too. */
const testWithinMs = 240_000
const copies = 2
const Outcome = z.object({ numFailedTests: z.number(), numPassedTests: z.number(), numTotalTests: z.number() })

const folder = mkdtempSync(join(tmpdir(), 'sallyport-mutations-'))
const wanted = process.argv.slice(2)
const list = readMutations(readFileSync(join(root, 'test', 'mutations.md'), 'utf8')).filter(
  (each) => wanted.length === 0 || wanted.some((text) => `${each.what} ${each.file} ${each.test}`.toLowerCase().includes(text.toLowerCase())),
)
try {
  process.exitCode = await breakAll(list)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function breakAll(mutations: readonly Mutation[]): Promise<number> {
  const places = Array.from({ length: copies }, (_each, at) => copyTo(join(folder, String(at))))
  const failures: string[] = []
  const say = (mark: string, text: string) => process.stdout.write(`${mark} ${text}\n`)
  // A test that fails by itself would notice everything.
  await share([...new Set(mutations.map(({ test }) => test))], places, async (test, place) => {
    const { failed, passed } = await run(test, place)
    if (failed || passed === 0) failures.push(`${test} does not pass as it is`)
  })
  if (failures.length === 0)
    await share(mutations, places, async (mutation, place) => {
      const path = join(place, mutation.file)
      try {
        const source = readFileSync(path, 'utf8')
        writeFileSync(path, breakDefence(source, mutation))
        const { failed } = await run(mutation.test, place).finally(() => writeFileSync(path, source))
        say(failed ? '✓' : '✗', mutation.what)
        if (!failed) failures.push(`${mutation.what}: ${mutation.test} still passes`)
      } catch (error) {
        say('✗', mutation.what)
        failures.push(`${mutation.what}: ${error instanceof Error ? error.message : 'unknown'}`)
      }
    })
  say('', `${mutations.length - failures.length} of ${mutations.length} defences are noticed when they break.`)
  for (const failure of failures) process.stderr.write(`${failure}\n`)
  return failures.length === 0 && mutations.length > 0 ? 0 : 1
}

/** What git knows of, as it lies there now; what is installed and built is shared. */
function copyTo(place: string): string {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  for (const file of files.split('\0').filter(Boolean)) {
    mkdirSync(join(place, dirname(file)), { recursive: true })
    cpSync(join(root, file), join(place, file))
  }
  for (const shared of ['node_modules', 'native', 'dist']) symlinkSync(join(root, shared), join(place, shared))
  return place
}

async function share<Each>(work: readonly Each[], places: readonly string[], act: (each: Each, place: string) => Promise<void>): Promise<void> {
  const left = [...work]
  await Promise.all(
    places.map(async (place) => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next, place)
    }),
  )
}

/** Runs one test file in whichever project has it. A run that says nothing within its time has failed. */
function run(test: string, place: string): Promise<{ failed: boolean; passed: number }> {
  const report = join(place, 'mutation-report.json')
  rmSync(report, { force: true })
  const runner = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const projects = ['unit', 'rooms', 'product', 'alone'].flatMap((project) => ['--project', project])
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, 'run', ...projects, '--reporter=json', `--outputFile=${report}`, '--bail=1', test], {
      cwd: place,
      stdio: 'ignore',
      detached: true,
    })
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      resolve({ failed: true, passed: 0 })
    }, testWithinMs)
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      try {
        const outcome = Outcome.parse(JSON.parse(readFileSync(report, 'utf8')))
        if (outcome.numTotalTests === 0) throw new Error(`${test} has no tests, or what was broken no longer parses`)
        resolve({ failed: outcome.numFailedTests > 0, passed: outcome.numPassedTests })
      } catch (cause) {
        reject(cause instanceof Error ? cause : new Error(`${test} left no report`))
      }
    })
  })
}

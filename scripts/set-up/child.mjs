// Runs other programs: quietly during set-up, or in our place with signals and exit code passed through.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import path from 'node:path'
import { inRoot, root, SetUpFailed } from './place.mjs'

/** Between the signal that a set-up got and SIGKILL for what it runs: apt needs a moment to leave its database whole. */
const patienceMs = 2000
const passed = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2']

/** The environment of what we start: the checkout's own programs first on PATH, npm's notes about the calling script left out. */
export function childEnvironment(extra = {}) {
  const env = { ...process.env }
  for (const name of Object.keys(env)) {
    if (/^npm_(lifecycle|package)_/.test(name)) delete env[name]
    // Flags of the calling npm (`npm pack --dry-run`, say) would otherwise steer the npm that we call.
    if (/^npm_config_(dry_run|json|pack_destination|global|prefix|omit|include|ignore_scripts|nodedir)$/.test(name)) delete env[name]
  }
  const bin = inRoot('node_modules', '.bin')
  env.PATH = [bin, ...(env.PATH ?? '').split(path.delimiter).filter((entry) => entry !== bin)].join(path.delimiter)
  return { ...env, ...extra }
}

/** Runs to the end and collects the output. `where` defaults to the checkout. Never throws for an exit code. */
export function collect(command, args, { cwd = root, env = childEnvironment() } = {}) {
  return new Promise((resolve) => {
    // What is collected is shown as text later, if at all.
    const child = spawn(command, args, { cwd, env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
    const out = []
    const all = []
    child.stdout.on('data', (chunk) => {
      out.push(chunk)
      all.push(chunk)
    })
    child.stderr.on('data', (chunk) => all.push(chunk))
    const text = (chunks) => Buffer.concat(chunks).toString('utf8')
    // A set-up that is told to end takes what it runs with it: an install left behind would go on writing node_modules. npm ignores SIGTERM.
    const end = (signal) => {
      child.kill(signal)
      setTimeout(() => child.kill('SIGKILL'), patienceMs).unref()
      child.on('close', () => process.exit(128 + constants.signals[signal]))
    }
    for (const signal of passed) process.on(signal, end)
    const done = (result) => {
      for (const signal of passed) process.off(signal, end)
      resolve(result)
    }
    child.on('error', (error) => done({ code: 127, stdout: '', all: error.message }))
    child.on('close', (code) => done({ code: code ?? 1, stdout: text(out), all: text(all) }))
  })
}

/** Like `collect`, but a failure throws with the program's own words after `what`. */
export async function must(what, command, args, options) {
  const result = await collect(command, args, options)
  if (result.code !== 0) throw new SetUpFailed(`${what} failed (exit code ${result.code}):\n${result.all.trim()}`)
  return result
}

/** Runs with our own input and output; resolves with its exit code (128 + signal number when a signal ended it). */
export function show(command, args, { env = childEnvironment() } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
    const pass = (signal) => {
      // A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would mean "hurry".
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    }
    for (const signal of passed) process.on(signal, pass)
    const done = (code) => {
      for (const signal of passed) process.off(signal, pass)
      resolve(code)
    }
    child.on('error', (error) => {
      process.stderr.write(`${command} does not start: ${error.message}\n`)
      done(127)
    })
    child.on('exit', (code, signal) => done(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)))
  })
}

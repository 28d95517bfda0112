import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChildPlan, Supervisor, type SupervisorEvents } from './supervisor.ts'

let folder: string
let supervisor: Supervisor
let events: string[]
let whenOver: Promise<string>
let over: (how: string) => void
const limits = { crashes: 3, withinMs: 60_000, firstDelayMs: 5, longestDelayMs: 20 }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-supervisor-'))
  events = []
  ;({ promise: whenOver, resolve: over } = Promise.withResolvers<string>())
  const heard: SupervisorEvents = {
    ready: (name, status) => events.push(`ready ${name} ${status.crypto ?? ''}`.trim()),
    crashed: (name, how) => events.push(`crashed ${name} ${how}`),
    gaveUp(name, how) {
      events.push(`gave up ${name} ${how}`)
      over(how)
    },
  }
  supervisor = new Supervisor(heard, limits)
})
afterEach(() => {
  supervisor.killAll()
  rmSync(folder, { recursive: true, force: true })
})

function plan(name: string, script: string): ChildPlan {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, `import fs from 'node:fs'\nconst out = ${JSON.stringify(join(folder, 'out'))}\n${script}`)
  return { name, args: [path], boot: () => ({ secret: 'from the pipe' }) }
}
const until = async (fits: () => boolean) => {
  for (let tries = 0; !fits(); tries += 1) {
    if (tries > 500) throw new Error(`it did not come to that: ${events.join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const ready = `fs.writeSync(4, JSON.stringify({ ready: true, crypto: 'native' }) + '\\n')`

test('restarts a child that crashes, and gives up in words at the fourth crash', async () => {
  supervisor.start(plan('g1', 'process.exit(7)'))
  expect(await whenOver).toBe('left with code 7')
  expect(events).toEqual([...Array(3).fill('crashed g1 left with code 7'), 'gave up g1 left with code 7'])
})

test('restarts a child that is killed, while others go on', async () => {
  supervisor.start(plan('g1', `${ready}; setInterval(() => {}, 1000)`))
  supervisor.start(plan('g2', `${ready}; setInterval(() => {}, 1000)`))
  await until(() => events.length === 2)
  const [first, other] = [supervisor.pidOf('g1'), supervisor.pidOf('g2')]
  process.kill(first ?? 0, 'SIGKILL')
  await until(() => events.length === 4)
  expect(events.slice(2)).toEqual(['crashed g1 was killed by SIGKILL', 'ready g1 native'])
  expect(supervisor.pidOf('g1')).not.toBe(first)
  expect(supervisor.pidOf('g2')).toBe(other)
})

test('never gives up a child that had become ready', async () => {
  supervisor.start(plan('g1', `${ready}; setTimeout(() => process.exit(3), 5)`))
  await until(() => events.filter((event) => event.startsWith('crashed')).length === 6)
  expect(events).not.toContain('gave up g1 left with code 3')
})

test('hands the boot over through fd 3 and leaves the pipe open for more', async () => {
  supervisor.start(
    plan(
      'g1',
      `const read = () => { const b = Buffer.alloc(1000); return b.subarray(0, fs.readSync(3, b)).toString() }\nconst first = read(); ${ready}; fs.writeFileSync(out, first + read()); setInterval(() => {}, 1000)`,
    ),
  )
  supervisor.tell('g1', { more: 1 })
  await until(() => events.includes('ready g1 native'))
  await until(() => existsSync(join(folder, 'out')))
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('{"secret":"from the pipe"}\n{"more":1}\n')
})

test('keeps settings of the environment from its children', async () => {
  process.env.SALLYPORT_ADMIN_PASSWORD = 'hunter2hunter2'
  try {
    supervisor.start(plan('g1', `fs.writeFileSync(out, JSON.stringify(process.env)); ${ready}; setInterval(() => {}, 1000)`))
    await until(() => events.length === 1)
  } finally {
    delete process.env.SALLYPORT_ADMIN_PASSWORD
  }
  expect(readFileSync(join(folder, 'out'), 'utf8')).not.toContain('hunter2')
})

test('does not believe a status that is too long or does not fit', async () => {
  supervisor.start(plan('g1', `fs.writeSync(4, 'x'.repeat(5000) + '\\n'); ${ready}; setInterval(() => {}, 1000)`))
  supervisor.start(plan('g2', `fs.writeSync(4, '{"ready":true,"more":1}\\n'); setInterval(() => {}, 1000)`))
  supervisor.start(plan('g3', `${ready}; setInterval(() => {}, 1000)`))
  await until(() => events.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(events).toEqual(['ready g3 native'])
})

test('stops with SIGTERM and starts nothing again', async () => {
  supervisor.start(plan('g1', `process.on('SIGTERM', () => { fs.writeFileSync(out, 'drained'); process.exit(0) }); ${ready}; setInterval(() => {}, 1000)`))
  await until(() => events.length === 1)
  await supervisor.stop(['g1'])
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('drained')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(supervisor.pids).toEqual([])
  expect(events).toEqual(['ready g1 native'])
})

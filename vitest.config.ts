import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Real parts behind one room: servers, keys, kills and clocks that take seconds. `npm run check` leaves them out, `npm test` does not. */
const slow = [
  'src/control/control.test.ts',
  'src/control/sign-in/timing.test.ts',
  'src/control/store/kill.test.ts',
  'src/gateway/browser-door/terminal-socket.test.ts',
  'src/gateway/far/*.test.ts',
  'src/gateway/files/host-*.test.ts',
  'src/gateway/open-session.test.ts',
  'src/gateway/probe.test.ts',
  'src/gateway/recorder/recorder.test.ts',
  'src/ssh/keepalive.test.ts',
  'src/ssh/openssh-10.test.ts',
  'src/ssh/private-key.test.ts',
]
/** What is promised of both databases: among the units it runs on SQLite, among the rooms on PostgreSQL. */
const onBothDatabases = globSync('src/**/*.test.ts', { cwd: import.meta.dirname }).filter((file) =>
  readFileSync(new URL(file, import.meta.url), 'utf8').includes('describe.each(engines)'),
)
/** Vitest would leave one core of two unused. */
const sideBySide = Math.max(2, availableParallelism())

/** The product from outside, one file at a time: these measure time, memory or CPU, fill a disk, or hold the machine for a while. */
const alone = [
  'test/floods.test.ts',
  'test/full-disk.test.ts',
  'test/nothing-left-behind.test.ts',
  'test/screens.test.ts',
  'test/terminal.test.ts',
  'test/terminate.test.ts',
  'test/watch.test.ts',
  'test/whose-session.test.ts',
]

/** Real processes on a machine shared with others: on a build machine a test of them may be asked once more, and the summary tells which. A promise that is broken is broken twice. */
const onceMore = process.env.CI === undefined ? 0 : 1

// In this order, so that what fails soonest is said first.
export default defineConfig({
  test: {
    passWithNoTests: false,
    globalSetup: 'test/harness/nothing-left.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,bench}/**/*.test.{ts,tsx}', 'test/architecture.test.ts', 'test/command-corpus.test.ts'],
          exclude: slow,
          pool: 'forks',
          maxWorkers: sideBySide,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
          provide: { engines: ['sqlite'] },
        },
      },
      {
        extends: true,
        test: {
          name: 'rooms',
          include: [...slow, ...onBothDatabases],
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 60_000,
          retry: onceMore,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
          provide: { engines: ['postgres'] },
        },
      },
      {
        extends: true,
        test: {
          name: 'product',
          include: ['test/**/*.test.ts'],
          exclude: ['test/architecture.test.ts', 'test/command-corpus.test.ts', 'test/long/**', 'test/interop/**', ...alone],
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 120_000,
          retry: onceMore,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
          provide: { tour: 'some' },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 120_000,
          retry: onceMore,
          hookTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts', 'test/pages.test.ts', 'test/pages-quality.test.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 5 },
          provide: { tour: 'whole' },
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 6 },
        },
      },
    ],
  },
})

#!/usr/bin/env node
// One door for every command of the checkout: sets up what is missing, then hands over to the pinned Node. Runs on any Node from 18 on.
import { existsSync } from 'node:fs'
import { collect, show } from './set-up/child.mjs'
import { inRoot, productNode, SetUpFailed } from './set-up/place.mjs'
import { setUp } from './set-up/set-up.mjs'
import { fetchOpenSsh10 } from './set-up/openssh-10.mjs'
import { installClients, installSystemParts } from './set-up/system-parts.mjs'

const tool = {
  tsc: inRoot('node_modules', 'typescript', 'bin', 'tsc'),
  oxlint: inRoot('node_modules', 'oxlint', 'bin', 'oxlint'),
  oxfmt: inRoot('node_modules', 'oxfmt', 'bin', 'oxfmt'),
  vitest: inRoot('node_modules', 'vitest', 'vitest.mjs'),
}
const node = (args, options) => show(productNode(), args, options)

/** All at once; prints what each has to say when it fails, and one line when all are fine. Answers whether they are. */
async function gatesPass() {
  const started = Date.now()
  const results = await Promise.all(gates.map(async ([name, args]) => ({ name, ...(await collect(productNode(), args)) })))
  const failed = results.filter(({ code }) => code !== 0)
  for (const { name, all } of failed) process.stderr.write(`${all.trim()}\n\n${name} failed.\n`)
  if (failed.length === 0) process.stderr.write(`types, lint and format: fine (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
  return failed.length === 0
}

/** The runner's own summary says it best, and comes last. Answers its exit code. */
const runTests = (projects, more = []) => node([tool.vitest, 'run', ...projects.flatMap((project) => ['--project', project]), ...more])

const gates = [
  ['types', [tool.tsc, '--project', inRoot('tsconfig.json')]],
  ['lint', [tool.oxlint, '--type-aware', '--deny-warnings']],
  ['format', [tool.oxfmt, '--check', '.']],
]
const all = ['unit', 'rooms', 'product', 'alone']

const verbs = {
  async start(args) {
    await setUp()
    return node([inRoot('bin', 'sallyport.mjs'), 'serve', ...args])
  },
  /** With arguments it is the runner alone, on what they select: `npm test -- test/claim.test.ts`. */
  async test(args) {
    await installSystemParts()
    await setUp()
    await fetchOpenSsh10()
    if (args.length > 0) return runTests(all, args)
    return (await gatesPass()) ? runTests(all) : 1
  },
  async 'test:long'(args) {
    await installSystemParts()
    await setUp()
    await fetchOpenSsh10()
    return runTests(['long'], args)
  },
  /** Other people's clients against the SSH door. */
  async interop(args) {
    await installSystemParts()
    await installClients()
    await setUp()
    return runTests(['interop'], args)
  },
  async check() {
    await installSystemParts()
    await setUp({ web: false })
    return (await gatesPass()) ? runTests(['unit']) : 1
  },
  async dev(args) {
    await setUp({ web: false })
    return node([inRoot('scripts', 'dev.ts'), ...args])
  },
  async bench(args) {
    await installSystemParts()
    await setUp()
    return node([inRoot('bench', 'run.ts'), ...args])
  },
  async e2e(args) {
    await installSystemParts()
    await setUp()
    await fetchOpenSsh10()
    return runTests(['product', 'alone'], args)
  },
  async format(args) {
    await setUp({ web: false })
    return node([tool.oxfmt, ...(args.length > 0 ? args : ['.'])])
  },
  async screenshots(args) {
    await installSystemParts()
    await setUp()
    return node([inRoot('scripts', 'pictures.ts'), ...args])
  },
  async mutations(args) {
    await installSystemParts()
    await setUp()
    await fetchOpenSsh10()
    return node([inRoot('scripts', 'mutations.ts'), ...args])
  },
  async prepack(args) {
    await setUp()
    return node([inRoot('scripts', 'pack.ts'), ...args])
  },
}

const [name = '', ...args] = process.argv.slice(2)
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
if (!verb) {
  process.stderr.write(`Usage: node scripts/run.mjs ${Object.keys(verbs).join('|')}\n`)
  process.exit(2)
}
if (!existsSync(inRoot('package-lock.json'))) {
  process.stderr.write('package-lock.json is missing: this is not a whole checkout.\n')
  process.exit(1)
}
try {
  process.exitCode = await verb(args)
} catch (error) {
  if (!(error instanceof SetUpFailed)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

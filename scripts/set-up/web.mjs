// The web pages, built by Vite into `dist/web` when their sources changed.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { must } from './child.mjs'
import { inRoot, productNode } from './place.mjs'

const config = ['vite.config.ts', path.join('src', 'web', 'vite.config.ts')]
const sources = [
  path.join('src', 'web'),
  path.join('src', 'client'),
  path.join('src', 'wire'),
  path.join('src', 'domain'),
  'index.html',
  'package-lock.json',
  'tsconfig.json',
]
const stampFile = inRoot('dist', 'web', '.sources')

const configFile = () => config.find((file) => existsSync(inRoot(file)))

function* filesOf(place) {
  if (!existsSync(inRoot(place))) return
  if (!place.startsWith('src')) return yield place
  for (const entry of readdirSync(inRoot(place), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = path.join(place, entry.name)
    if (entry.isDirectory()) yield* filesOf(inside)
    else if (!/\.test\.tsx?$/.test(entry.name)) yield inside
  }
}

function sourcesHash() {
  const hash = createHash('sha256')
  for (const place of [...sources, config[0]]) {
    for (const file of filesOf(place))
      hash
        .update(`${file}\0`)
        .update(readFileSync(inRoot(file)))
        .update('\0')
  }
  return hash.digest('hex')
}

export function isWebBuilt() {
  if (!configFile()) return true
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourcesHash()
}

export async function buildWeb() {
  process.stderr.write('Building the web pages …\n')
  // Taken before the build: what changes while it runs is built next time.
  const hash = sourcesHash()
  const file = configFile()
  await must('Building the web pages', productNode(), [inRoot('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', file, '--logLevel', 'warn'])
  writeFileSync(stampFile, hash)
}

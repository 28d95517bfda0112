// What `npm pack` puts into the tarball: the rooms as plain JavaScript with their types, beside the pages that are built already.
// The `#room/x.ts` imports stay as they are; the `packed` condition of package.json leads them here.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const source = path.join(root, 'src')

for (const room of globSync('*', { cwd: dist })) if (room !== 'web') rmSync(path.join(dist, room), { recursive: true, force: true })

const compiled = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', path.join(root, 'tsconfig.pack.json')],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
)
if (compiled.status !== 0) process.exit(compiled.status ?? 1)

let files = 0
for (const file of globSync('*/**/*.{js,d.ts}', { cwd: dist, exclude: (name) => name === 'web' })) {
  const at = path.join(dist, file)
  const text = readFileSync(at, 'utf8')
  const packed = file.endsWith('.d.ts') ? withResolvableTypes(file, text) : withCompiledNeighbours(file, text)
  if (packed !== text) writeFileSync(at, packed)
  files += 1
}
if (files < 20) throw new Error(`only ${files} files were compiled: the tarball would be empty`)
process.stderr.write(`Compiled ${files} files to dist.\n`)

/** A worker or an entry that is named by `new URL('./x.ts', import.meta.url)` is compiled too; the compiler leaves such names alone. Throws when the neighbour does not exist. */
function withCompiledNeighbours(file: string, text: string): string {
  return text.replaceAll(
    /(\bnew URL\(\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2(\s*,\s*import\.meta\.url)/g,
    (_match, open: string, quote: string, name: string, close: string) => {
      const neighbour = path.join(path.dirname(file), `${name}.ts`)
      readFileSync(path.join(source, neighbour))
      return `${open}${quote}${name}.js${quote}${close}`
    },
  )
}

/** Whoever reads the types does not know our `packed` condition: their imports become plain relative ones. */
function withResolvableTypes(file: string, text: string): string {
  const up = path.posix.relative(path.posix.dirname(file), '.') || '.'
  return text
    .replaceAll(
      /(\bfrom\s+|\bimport\s*\(?\s*)(['"])#([^'"]+)\.ts\2/g,
      (_match, before: string, quote: string, name: string) => `${before}${quote}${up}/${name}.js${quote}`,
    )
    .replaceAll(
      /(\bfrom\s+|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g,
      (_match, before: string, quote: string, name: string) => `${before}${quote}${name}.js${quote}`,
    )
}

// Where this program lies: run from source, or packed as plain JavaScript.
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const here = realpathSync(fileURLToPath(import.meta.url))
/** The package's folder. */
export const root = dirname(dirname(dirname(here)))
const isSource = here.endsWith('.ts')

/** The entry file of a child process, beside this file. */
export const entry = (name: 'control' | 'gateway') => join(dirname(here), `${name}.${isSource ? 'ts' : 'js'}`)
/** For every child: what the running Node was told about resolving our imports; and no inspector, which SIGUSR1 would open with everything that the process holds. */
export const conditions = [...(isSource ? [] : ['--conditions=packed']), '--disable-sigusr1']
/**
 * For processes that buffers stream through. V8 counts their bytes against the old space, which it keeps near what is live (some 20 MiB): at its default
 * it collects everything after each 4 MiB of a flood, which took a third of all CPU time. With room for 96 MiB, and little room for young objects, the cheap
 * collections of these free the buffers first; with 16 MiB for young ones everything was collected, and stood still for 40 ms, after each 50 MiB of a flood.
 */
export const roomForBuffers = ['--initial-old-space-size=96', '--max-semi-space-size=4']
export const webFolder = join(root, 'dist', 'web')
export const version = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version

/** What a gateway must be able to read to run: code, never the folder that may hold the data. */
export function programFolders(): string[] {
  // Installed packages may lie beside us, or hoisted above.
  const modules = createRequire(join(root, 'package.json')).resolve('zod/package.json')
  const folders = [
    join(root, 'package.json'),
    join(root, isSource ? 'src' : 'dist'),
    webFolder,
    join(root, 'native'),
    join(root, 'node_modules'),
    dirname(dirname(realpathSync(modules))),
  ]
  return [...new Set(folders)]
}

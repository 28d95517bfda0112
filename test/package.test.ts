// The tarball as a customer gets it: installed in an empty folder, by the machine's own Node, started as a command.
import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout, type Product, startProduct } from './harness/product.ts'
import { makeTempFolder } from './harness/temp-folder.ts'

const run = promisify(execFile)
/** The machine's own programs: without the checkout's, whose `node` is the pinned one. */
const machinePath = (process.env.PATH ?? '')
  .split(path.delimiter)
  .filter((entry) => !entry.includes('node_modules'))
  .join(path.delimiter)
/** npm's notes about the script that runs these tests would steer the npm of the test. */
const env = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST)/i.test(name))), PATH: machinePath }

describe('the packed tarball', () => {
  let folder: Awaited<ReturnType<typeof makeTempFolder>>
  let installed: string
  let product: Product | undefined
  beforeAll(async () => {
    folder = await makeTempFolder('package')
    await run('npm', ['pack', '--ignore-scripts=false', '--pack-destination', folder.path], { cwd: checkout, env, maxBuffer: 64 * 1024 * 1024 })
    const tarball = globSync('sallyport-*.tgz', { cwd: folder.path })[0] ?? ''
    const empty = path.join(folder.path, 'empty')
    await mkdir(empty)
    await writeFile(path.join(empty, 'package.json'), '{}')
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', path.join(folder.path, tarball)], {
      cwd: empty,
      env,
      maxBuffer: 64 * 1024 * 1024,
    })
    installed = path.join(empty, 'node_modules', 'sallyport')
  }, 300_000)
  afterAll(async () => {
    await product?.stop()
    await folder.remove()
  })

  test('holds plain JavaScript, types and pages, and no source', () => {
    const files = globSync('**/*', { cwd: installed, exclude: (name) => name === 'node_modules' })
    expect(files.filter((file) => /(?<!\.d)\.tsx?$/.test(file))).toEqual([])
    expect(files.filter((file) => /\.test\./.test(file))).toEqual([])
    expect(files).toEqual(
      expect.arrayContaining(['bin/sallyport.mjs', 'dist/main/cli.js', 'dist/domain/access.js', 'dist/domain/access.d.ts', 'dist/web/index.html']),
    )
    expect(files.filter((file) => /^(src|test|bench|scripts)\//.test(file))).toEqual([])
  })
  test('names only files that are there', () => {
    const missing: string[] = []
    for (const file of globSync('dist/!(web)/**/*.js', { cwd: installed })) {
      const text = readFileSync(path.join(installed, file), 'utf8')
      for (const [, name = ''] of text.matchAll(/(?:\bfrom |\bimport\(|\bimport |\bnew URL\()["'](\.{1,2}\/[^"']+|#[^"']+)["']/g)) {
        const target = name.startsWith('#') ? `dist/${name.slice(1).replace(/\.ts$/, '.js')}` : path.join(path.dirname(file), name)
        if (/\.\w+$/.test(target) && !existsSync(path.join(installed, target))) missing.push(`${file}: ${name}`)
      }
    }
    expect(missing).toEqual([])
  })
  test('serves, started by the Node of this machine', async () => {
    const { stdout } = await run('node', ['--version'], { env })
    const command = path.join(path.dirname(installed), '.bin', 'sallyport')
    product = await startProduct({ command: { program: command, args: [] }, env: { PATH: machinePath } })
    expect((await product.api().request('GET', '/healthz')).status, `with Node ${stdout}`).toBe(200)
    const page = await product.api().request('GET', '/', { headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    expect(page.text).toContain('<div id="root"')
    // Each part of the page is there, under the names that the build gave them.
    const parts = [...page.text.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? '')
    expect(parts.length).toBeGreaterThan(0)
    for (const part of parts) expect((await product.api().request('GET', part)).status, part).toBe(200)
    const ada = await product.claim()
    expect(await ada.call('GET', '/me')).toMatchObject({ username: 'ada' })
  })
})

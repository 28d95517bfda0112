// The built pages, read into memory once: a request can only name what is in the map, so no path ever reaches the disk.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

/** The build is a few megabytes; more than this is not our build. */
const maxBytes = 64 * 1024 * 1024
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

export type WebFile = { type: string; etag: string; immutable: boolean; plain: Buffer; br?: Buffer; gzip?: Buffer }

export class WebFiles {
  readonly #files = new Map<string, WebFile>()

  /** Reads the whole folder. A folder that is not there gives an empty set: the door then says that the pages are not built. Throws when it is larger than 64 MiB. */
  constructor(folder: string) {
    let bytes = 0
    const paths = list(folder)
    for (const path of paths) {
      if ((path.endsWith('.br') && paths.includes(path.slice(0, -3))) || (path.endsWith('.gz') && paths.includes(path.slice(0, -3)))) continue
      const type = types[extname(path)]
      if (!type) continue
      const plain = readFileSync(path)
      const br = paths.includes(`${path}.br`) ? readFileSync(`${path}.br`) : undefined
      const gzip = paths.includes(`${path}.gz`) ? readFileSync(`${path}.gz`) : undefined
      bytes += plain.length + (br?.length ?? 0) + (gzip?.length ?? 0)
      if (bytes > maxBytes) throw new Error(`the web build in ${folder} is larger than ${maxBytes} bytes`)
      const url = `/${relative(folder, path).split(sep).join('/')}`
      const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
      // Vite writes everything below /assets/ with a hash of its content in the name.
      this.#files.set(url, { type, etag, immutable: url.startsWith('/assets/'), plain, ...(br ? { br } : {}), ...(gzip ? { gzip } : {}) })
    }
  }

  get isBuilt(): boolean {
    return this.#files.has('/index.html')
  }

  /** The file, or for a page's address the one document; undefined is 404. */
  find(path: string): WebFile | undefined {
    const file = this.#files.get(path)
    if (file) return file
    return path.startsWith('/assets/') || extname(path) !== '' ? undefined : this.#files.get('/index.html')
  }
}

/** The smallest form that the client takes. */
export function encodingFor(file: WebFile, accepted: string): { body: Buffer; encoding?: 'br' | 'gzip' } {
  const takes = (name: string) => new RegExp(`(?:^|[,\\s])${name}(?!\\s*;\\s*q=0(?:\\.0+)?(?:\\s|,|$))`).test(accepted)
  if (file.br && takes('br')) return { body: file.br, encoding: 'br' }
  if (file.gzip && takes('gzip')) return { body: file.gzip, encoding: 'gzip' }
  return { body: file.plain }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw cause
  }
}

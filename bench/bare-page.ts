// Builds the bare page as the product's pages are built, and serves it on loopback with what is to be written.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build } from 'vite'

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

/** `bytes` are served as `/bytes`. The build goes to `folder`. */
export async function serveBarePage(folder: string, bytes: Uint8Array): Promise<{ url: string; stop(): Promise<void> }> {
  await build({
    configFile: false,
    root: path.join(import.meta.dirname, 'bare-page'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 2000 },
  })
  const server = createServer((request, response) => {
    const name = path.join('/', new URL(request.url ?? '/', 'http://localhost').pathname)
    if (name === '/bytes') return void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes)
    const file = path.join(folder, name === '/' ? 'index.html' : name)
    // The browser asks for an icon.
    if (!existsSync(file)) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

// The Files panel without a browser: `curl` moves the bytes, so that no client of ours is measured with them.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { filesPath, type FilesOpened, type UploadStarted } from '#wire/files.ts'
import type { Native } from '../door/route.ts'

const longestMs = 120_000

export type FilesSession = {
  /** Both in ms, until the digest has been compared on the host. Throw when it was not, or anything failed. */
  download(file: string, bytes: number): Promise<number>
  upload(local: string, to: string, options: { bytes: number; chunkBytes: number }): Promise<number>
  close(): Promise<void>
}

export async function openFilesSession({ api, host, product }: Native): Promise<FilesSession> {
  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'files', asset: host.id, account: host.account })
  const { session } = await api.call<FilesOpened>('POST', '/files', { ticket })
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-bench-'))
  const headers = path.join(folder, 'headers')
  writeFileSync(headers, `Cookie: ${api.cookie}\nX-Sallyport: 1\nOrigin: ${product.url}\nContent-Type: application/octet-stream\nExpect:\n`, { mode: 0o600 })
  const at = (what: string) => `${product.url}${filesPath}/${session}/${what}`
  const own = (what: string) => `/files/${session}/${what}`
  return {
    async download(file, bytes) {
      const startedAt = performance.now()
      const saved = path.join(folder, 'saved')
      await curl(['-H', `@${headers}`, '-o', saved, at(`content?path=${encodeURIComponent(file)}`)])
      for (;;) {
        const { items } = await api.call<{ items: { path: string; state: string; moved: number; verified?: string; text?: string }[] }>('GET', own('transfers'))
        const [last] = items.filter((item) => item.path === file)
        if (last?.state === 'done' && last.moved === bytes && last.verified === 'host') break
        if (!last || last.state === 'failed' || performance.now() - startedAt > longestMs)
          throw new Error(`the download was not checked: ${JSON.stringify(last)}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const took = performance.now() - startedAt
      rmSync(saved)
      return took
    },
    async upload(local, to, { bytes, chunkBytes }) {
      const chunks = await cut(local, path.join(folder, 'chunk'), chunkBytes)
      const startedAt = performance.now()
      const { upload, offset } = await api.call<UploadStarted>('POST', own('uploads'), { path: to, bytes, overwrite: true })
      if (offset !== 0) throw new Error('the upload does not begin at its beginning')
      const puts = chunks.flatMap((chunk, number) => [
        ...(number === 0 ? [] : ['--next']),
        ...['-sS', '--fail', '-H', `@${headers}`, '-o', '/dev/null', '-T', chunk, at(`uploads/${upload}?offset=${number * chunkBytes}`)],
      ])
      await curl(puts)
      const done = await api.call<{ verified: string }>('POST', own(`uploads/${upload}/finish`), {})
      const took = performance.now() - startedAt
      if (done.verified !== 'host') throw new Error(`the upload was not checked on the host: ${done.verified}`)
      for (const chunk of chunks) rmSync(chunk)
      return took
    },
    async close() {
      await api.call('DELETE', `/files/${session}`).catch(() => undefined)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function curl(words: readonly string[]): Promise<void> {
  const child = spawn('curl', ['-sS', '--fail', ...words], { stdio: ['ignore', 'ignore', 'pipe'], timeout: longestMs, killSignal: 'SIGKILL' })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-1000)))
  const ended = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(signal ?? String(code)))
  })
  if (ended !== '0') throw new Error(`curl ended with ${ended}: ${said}`)
}

/** Into files of `chunkBytes`, the last one shorter. */
async function cut(file: string, prefix: string, chunkBytes: number): Promise<string[]> {
  const source = await open(file)
  const made: string[] = []
  try {
    const chunk = Buffer.alloc(chunkBytes)
    for (;;) {
      const { bytesRead } = await source.read(chunk, 0, chunkBytes)
      if (bytesRead === 0) return made
      const name = `${prefix}${made.length}`
      writeFileSync(name, chunk.subarray(0, bytesRead))
      made.push(name)
    }
  } finally {
    await source.close()
  }
}

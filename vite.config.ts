import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The gateway that `npm run dev` started; pages come from Vite, everything else from the product.
const product = process.env['SALLYPORT_DEV_ORIGIN'] ?? 'http://127.0.0.1:8022'

/** Beside each file its `.br` and `.gz`, which gateways hand out as they are: compressed once, not for everyone who asks. */
function compressedPages(folder: string): Plugin {
  return {
    name: 'compressed-pages',
    apply: 'build',
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg)$/.test(name)) continue
        const file = path.join(folder, name)
        const plain = readFileSync(file)
        writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }))
        // 10 instead of 11: a third of the time for one hundredth more bytes.
        writeFileSync(
          `${file}.br`,
          brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
        )
      }
    },
  }
}

export default defineConfig({
  root: here('./src/web'),
  plugins: [react(), compressedPages(here('./dist/web'))],
  build: {
    outDir: here('./dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // Nothing is inlined: `data:` in scripts and fonts is what the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One file for what the first page needs from libraries; what only a dialog, the terminal or the player needs stays with it.
        codeSplitting: {
          groups: [
            { name: 'libraries', test: /node_modules\/(?!@xterm)/, tags: ['$initial'] },
            // And one for what it needs of ours: each further file would cost a head of 800 bytes.
            { name: 'first', test: /\/src\/(?:web|wire|domain|client)\//, tags: ['$initial'] },
          ],
        },
      },
    },
    // The terminal's and the player's chunks, loaded when they are needed, are larger than Vite's default warning.
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: product }, '/terminal': { target: product, ws: true } },
  },
})

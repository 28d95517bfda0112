import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The gateway that `npm run dev` started; pages come from Vite, everything else from the product.
const product = process.env['SALLYPORT_DEV_ORIGIN'] ?? 'http://127.0.0.1:8022'

export default defineConfig({
  root: here('./src/web'),
  plugins: [react()],
  build: {
    outDir: here('./dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // Nothing is inlined: `data:` in scripts and fonts is what the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One file for what every page needs from libraries; the terminal and the player stay with the pages that load them.
        codeSplitting: { groups: [{ name: 'libraries', test: /node_modules\/(?!@xterm|asciinema-player|solid-)/ }] },
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

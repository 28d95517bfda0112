#!/usr/bin/env node
// Runs on any Node from 18 on, in plain JavaScript: finds the Node that the product is made for and hands over to it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const needed = 24
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'src', 'main', 'cli.ts')
const packed = join(root, 'dist', 'main', 'cli.js')
const isSource = existsSync(source)

/** The `node` binary of the package `node-linux-<arch>`, wherever npm has put it: beside us, or hoisted above. */
function pinnedNode() {
  try {
    const path = join(dirname(createRequire(join(root, 'package.json')).resolve(`node-${process.platform}-${process.arch}/package.json`)), 'bin', 'node')
    return existsSync(path) ? path : undefined
  } catch {
    return undefined // not installed: another platform, or installed without optional dependencies
  }
}

const isNewEnough = Number(process.versions.node.split('.')[0]) >= needed
const node = isNewEnough ? process.execPath : pinnedNode()
if (!node) {
  process.stderr.write(
    `sallyport needs Node ${needed} or newer; this is ${process.version}, and the package node-${process.platform}-${process.arch} is not installed. Install Node ${needed}, or run npm install without --omit=optional.\n`,
  )
  process.exit(1)
}

if (isNewEnough && isSource) await import(source)
else {
  const args = [...(isSource ? [] : ['--conditions=packed']), isSource ? source : packed, ...process.argv.slice(2)]
  const child = spawn(node, args, { stdio: 'inherit' })
  // Ctrl-C reaches the whole process group by itself, `kill` only us: both end in the child, which knows how to stop.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`sallyport could not start ${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)))
}

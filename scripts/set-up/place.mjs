// Where things are in this checkout, and which Node the product runs on. Plain JavaScript for any Node from 18 on, like everything in this folder.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
export const inRoot = (...parts) => path.join(root, ...parts)

/** `linux-x64`, say: names the pinned Node's package and the folder of the native addon. */
export const platform = `${process.platform}-${process.arch}`
export const needsPinnedNode = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
const pinnedNode = inRoot('node_modules', `node-${platform}`, 'bin', 'node')

/** A refusal in words: printed without a stack, exit code 1. */
export class SetUpFailed extends Error {}

/** Path of the Node that runs the product: the one the lockfile pins, else this one when it is new enough. */
export function productNode() {
  if (existsSync(pinnedNode)) return pinnedNode
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  throw new SetUpFailed(
    `Sallyport needs Node 24 on ${platform}: no pinned one exists for this machine, and this is Node ${process.versions.node}. Install Node 24 and try again.`,
  )
}

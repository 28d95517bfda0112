// Dependencies from the lockfile, without install scripts.
import { existsSync, readFileSync } from 'node:fs'
import { must } from './child.mjs'
import { inRoot, needsPinnedNode, platform, SetUpFailed } from './place.mjs'

const pinned = `node_modules/node-${platform}`

/**
 * True when npm's own record of what lies in `node_modules` holds every package of the lockfile at its integrity.
 * The record is written last, so an interrupted install is not current; optional packages are other platforms' unless it is the pinned Node.
 */
export function isInstalled() {
  const record = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(record, 'utf8')).packages
  if (needsPinnedNode && !existsSync(inRoot(pinned, 'bin', 'node'))) return false
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === '') return true
    if (!present[place]) return entry.optional === true && place !== pinned
    return present[place].integrity === entry.integrity
  })
}

export async function install() {
  process.stderr.write('Installing dependencies from the lockfile …\n')
  await must('npm ci', 'npm', ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'])
  if (needsPinnedNode && !existsSync(inRoot(pinned, 'bin', 'node'))) {
    throw new SetUpFailed(`npm left out the package node-${platform}, which the product runs on. Check the network and try again.`)
  }
}

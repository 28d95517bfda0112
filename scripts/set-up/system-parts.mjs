// The programs of the system that tests run against: real ones, from Debian.
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { must } from './child.mjs'
import { SetUpFailed } from './place.mjs'

const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/bin']
function hasProgram(name) {
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK)
      return true
    } catch {
      return false // not in this folder
    }
  })
}
const hasPostgres = () =>
  existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/initdb`))

/** Debian package → whether what we need of it is there. */
const parts = {
  'openssh-server': () => hasProgram('sshd'),
  'openssh-client': () => hasProgram('ssh') && hasProgram('ssh-keygen'),
  // The security key of the tests is a library in C.
  gcc: () => hasProgram('cc'),
  'libssl-dev': () => existsSync('/usr/include/openssl/evp.h'),
  rsync: () => hasProgram('rsync'),
  git: () => hasProgram('git'),
  'dropbear-bin': () => hasProgram('dbclient'),
  curl: () => hasProgram('curl'),
  zsh: () => hasProgram('zsh'),
  lrzsz: () => hasProgram('rz') && hasProgram('sz'),
  asciinema: () => hasProgram('asciinema'),
  chromium: () => hasProgram('chromium'),
  postgresql: hasPostgres,
  vim: () => hasProgram('vim'),
  htop: () => hasProgram('htop'),
  tmux: () => hasProgram('tmux'),
  less: () => hasProgram('less'),
  bsdutils: () => hasProgram('script'),
  vttest: () => hasProgram('vttest'),
  zstd: () => hasProgram('zstd'),
  unzip: () => hasProgram('unzip'),
  'fonts-noto-cjk': () => existsSync('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'),
}

/** Clients that the SSH door is held against: `npm run interop`. */
const clients = {
  'putty-tools': () => hasProgram('plink') && hasProgram('puttygen'),
  'python3-paramiko': () => existsSync('/usr/lib/python3/dist-packages/paramiko'),
  'python3-asyncssh': () => existsSync('/usr/lib/python3/dist-packages/asyncssh'),
  lftp: () => hasProgram('lftp'),
  'ansible-core': () => hasProgram('ansible'),
  mosh: () => hasProgram('mosh'),
}

/** Installs what is missing as root on Debian; elsewhere throws with the one line to run. */
export const installSystemParts = () => installAll(parts)
export const installClients = () => installAll(clients)

async function installAll(parts) {
  const missing = Object.keys(parts).filter((name) => !parts[name]())
  if (missing.length === 0) return
  const line = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !hasProgram('apt-get')) throw new SetUpFailed(`The tests need programs that are not here. Run as root: ${line}`)
  process.stderr.write(`Installing for the tests: ${missing.join(' ')} …\n`)
  const undo = keepServicesDown()
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await must('apt-get update', 'apt-get', ['-qq', 'update'], { env })
    await must(line, 'apt-get', ['-qq', '-y', '-o', 'Dpkg::Options::=--force-confold', 'install', '--no-install-recommends', ...missing], { env })
  } finally {
    undo()
  }
  const still = missing.filter((name) => !parts[name]())
  if (still.length > 0) throw new SetUpFailed(`apt installed ${still.join(' ')}, but its programs are not where they were expected.`)
}

/** Debian starts a server when its package is installed; the tests start their own, so nothing of the sort is left running or made. Returns the undo. */
function keepServicesDown() {
  const policy = '/usr/sbin/policy-rc.d'
  const cluster = '/etc/postgresql-common/createcluster.d/sallyport-tests.conf'
  const made = []
  if (!existsSync(policy)) {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    made.push(policy)
  }
  if (!existsSync(cluster)) {
    mkdirSync(path.dirname(cluster), { recursive: true })
    writeFileSync(cluster, 'create_main_cluster = false\n')
    made.push(cluster)
  }
  return () => made.forEach((file) => rmSync(file, { force: true }))
}

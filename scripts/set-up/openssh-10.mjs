// OpenSSH 10, the first with ML-KEM by default, for tests of both ends: from Debian's backports, unpacked into a folder of ours, never installed.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { collect, must } from './child.mjs'
import { inRoot, SetUpFailed } from './place.mjs'

const packages = ['openssh-client', 'openssh-server']
const folder = inRoot('node_modules', '.cache', 'sallyport', 'openssh-10')
const release = () => (existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '')

/** Fetches it once on Debian 12; after the dependencies, whose installation empties the folder. Elsewhere it says that those tests do not run; a Debian on which it cannot be had is an error. */
export async function fetchOpenSsh10() {
  if (existsSync(path.join(folder, 'usr', 'sbin', 'sshd'))) return
  if (!/^VERSION_CODENAME=bookworm$/m.test(release())) {
    process.stderr.write('This is not Debian 12: there is no OpenSSH 10 beside the system’s own, and the tests against it do not run.\n')
    return
  }
  process.stderr.write('Fetching OpenSSH 10 from Debian’s backports for the tests …\n')
  mkdirSync(path.dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}-`)
  try {
    // apt with lists and archives of its own: the machine's sources stay as they are.
    for (const name of ['lists/partial', 'archives/partial', 'unpacked']) mkdirSync(path.join(work, name), { recursive: true })
    const places = { 'Dir::Etc::SourceList': 'sources.list', 'Dir::State::Lists': 'lists', 'Dir::Cache': '.', 'Dir::Cache::Archives': 'archives' }
    const options = [
      ...Object.entries(places).map(([name, place]) => `${name}=${path.join(work, place)}`),
      'Dir::Etc::SourceParts=-',
      'APT::Sandbox::User=root',
    ]
    const apt = (what, args) => must(what, 'apt-get', ['-qq', ...options.flatMap((each) => ['-o', each]), ...args], { cwd: work })
    writeFileSync(path.join(work, 'sources.list'), `deb ${await mirror()} bookworm-backports main\n`)
    await apt('Reading the list of Debian’s backports', ['update'])
    await apt('Fetching OpenSSH 10', ['download', ...packages.map((name) => `${name}/bookworm-backports`)])
    const archives = readdirSync(work).filter((name) => name.endsWith('.deb'))
    if (archives.length !== packages.length)
      throw new SetUpFailed(`Debian’s backports gave ${archives.join(', ') || 'nothing'} instead of ${packages.join(' and ')}.`)
    const unpacked = path.join(work, 'unpacked')
    for (const archive of archives) await must(`Unpacking ${archive}`, 'dpkg-deb', ['--extract', path.join(work, archive), unpacked])
    const { all } = await collect(path.join(unpacked, 'usr', 'bin', 'ssh'), ['-V'])
    if (!all.startsWith('OpenSSH_10.')) throw new SetUpFailed(`What Debian’s backports have is not OpenSSH 10: ${all.trim()}`)
    rmSync(folder, { recursive: true, force: true })
    renameSync(unpacked, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Where this machine gets Debian from. */
async function mirror() {
  const { stdout } = await must('Asking apt for its sources', 'apt-get', ['indextargets', '--format', '$(REPO_URI) $(CODENAME)', 'Identifier: Packages'])
  const found = stdout.split('\n').find((line) => line.endsWith(' bookworm'))
  if (!found) throw new SetUpFailed('apt knows no source of Debian 12 here, so OpenSSH 10 cannot be fetched from its backports.')
  return found.split(' ')[0]
}

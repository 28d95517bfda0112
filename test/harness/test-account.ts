// The Unix account that tests sign in to. Made once a machine; its password is random and known to root alone, so it opens no door beyond the tests.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)
const name = 'sallytest'
const folder = '/var/lib/sallyport-tests'

export type TestAccount = { name: string; home: string; /** Absent when the tests do not run as root. */ password?: string }

// Two test runs may meet here: flock lets one at a time in, and each leaves what it finds.
const script = `
set -eu
umask 077
mkdir -p ${folder}
exec 9>${folder}/lock
flock 9
if ! id ${name} >/dev/null 2>&1; then
  useradd --create-home --shell /bin/bash --comment 'Sallyport tests' ${name}
  rm -f ${folder}/password
fi
if ! [ -s ${folder}/password ]; then
  od -An -N18 -tx1 /dev/urandom | tr -d ' \\n' >${folder}/password.new
  printf '%s:%s\\n' ${name} "$(cat ${folder}/password.new)" | chpasswd
  mv ${folder}/password.new ${folder}/password
fi
`

/** As root the account of the tests; else the person's own, by key only. */
export async function testAccount(): Promise<TestAccount> {
  if (process.getuid?.() !== 0) return { name: userInfo().username, home: homedir() }
  await run('/bin/sh', ['-c', script])
  return { name, home: `/home/${name}`, password: (await readFile(`${folder}/password`, 'utf8')).trim() }
}

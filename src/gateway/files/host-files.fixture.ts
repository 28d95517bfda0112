// For tests: the files of a real sshd's account, over a connection of its own.
import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { TestSshd } from '../../../test/harness/sshd.ts'
import { HostConnection } from '../far/host-connection.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson } from '../far/test-asks.ts'
import { HostFiles } from './host-files.ts'
import { readPrivateKey } from '#ssh/private-key.ts'

export const never = new AbortController().signal
const run = promisify(execFile)

export async function connectTo(sshd: TestSshd): Promise<HostConnection> {
  const { privateKey } = sshd.userKeys.ed25519
  const key = readPrivateKey(privateKey)
  return await HostConnection.dial({
    admission: admissionFor(
      { address: sshd.host, port: sshd.port, username: sshd.user },
      {
        hostKeys: Object.values(sshd.hostKeys).map((each) => hostKeyFromLine(each.publicKey)),
        auth: { kind: 'key', publicKey: key.publicBlob.toString('base64'), algorithm: key.algorithm },
      },
    ),
    link: playLink({ privateKey, username: sshd.user }),
    prompter: playPerson(() => null),
    listeners: [],
    signal: never,
  })
}

export type OpenedFiles = { files: HostFiles; connection: HostConnection; close: () => void }
export async function openFiles(sshd: TestSshd): Promise<OpenedFiles> {
  const connection = await connectTo(sshd)
  const files = await HostFiles.open(connection, never)
  return { files, connection, close: () => connection.close() }
}

/** A folder of the account's own, below its home; `remove` takes it away. */
export async function accountFolder(sshd: TestSshd): Promise<{ path: string; own: (file: string) => Promise<void>; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(sshd.home, 'files-test-'))
  const { uid, gid } = await stat(sshd.home)
  await chown(folder, uid, gid)
  await chmod(folder, 0o755)
  return { path: folder, own: (file) => chown(file, uid, gid), remove: () => rm(folder, { recursive: true, force: true }) }
}

/** As root on this machine. */
export const runHere = (program: string, ...words: string[]): Promise<{ stdout: string }> => run(program, words)

export async function taken(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

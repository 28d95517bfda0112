// Whether what stands on the host is what passed: the host's own digest where it has one, else what is read back.
import { createHash } from 'node:crypto'
import type { Verified } from '#domain/session-act.ts'
import type { Handle, SftpClient } from '../sftp/sftp-client.ts'
import { OpenFlag } from '../sftp/sftp-wire.ts'
import { type FileHash, sampleBytes, wholeReadBytes } from './file-hash.ts'
import type { HostDigest } from './host-digest.ts'
import { readSpan } from './read-span.ts'

/** `path`: canonical, of a plain file; `hash`: of all of it. `none`: it was gone on with, is too large to be read back, and the host cannot say its digest. Throws what `SftpClient` does. */
export async function verify(host: { client: SftpClient; digest: HostDigest }, path: string, hash: FileHash, signal: AbortSignal): Promise<Verified> {
  const { client, digest } = host
  const theirs = await digest.of(path, hash.bytes, signal)
  if (theirs !== undefined) return theirs === hash.sha256() ? 'host' : 'differs'
  const handle = await client.open(path, OpenFlag.read, {}, signal)
  try {
    return await readBack(client, handle, hash, signal)
  } finally {
    client.drop(handle)
  }
}

async function readBack(client: SftpClient, handle: Handle, hash: FileHash, signal: AbortSignal): Promise<Verified> {
  if ((await client.fstat(handle, signal)).size !== hash.bytes) return 'differs'
  if (hash.bytes <= wholeReadBytes) return (await digestOf(client, handle, 0, hash.bytes, signal)) === hash.sha256() ? 'read-back' : 'differs'
  if (hash.sampled.length === 0) return 'none'
  for (const block of hash.sampled) {
    const from = block * sampleBytes
    const theirs = await digestOf(client, handle, from, Math.min(from + sampleBytes, hash.bytes), signal)
    if (theirs !== hash.sampleOf(block)) return 'differs'
  }
  return 'sampled'
}

async function digestOf(client: SftpClient, handle: Handle, from: number, end: number, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of readSpan(client, handle, from, end, signal)) {
    hash.update(bytes)
    client.giveBack(bytes)
  }
  return hash.digest('hex')
}

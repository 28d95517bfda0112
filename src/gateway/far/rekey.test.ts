import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { dialFar } from './dial.ts'
import type { HostTerminal } from './host-terminal.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson } from './test-asks.ts'

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd({ config: ['RekeyLimit 256K'] })
}, 60_000)
afterAll(async () => await sshd?.stop())

/** Writes all of it at the host's pace. */
function writeAll(far: HostTerminal, bytes: Buffer, room: (call: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    let at = 0
    const go = () => {
      while (at < bytes.length) {
        const piece = bytes.subarray(at, at + 32_768)
        at += piece.length
        if (!far.write(piece)) return room(go)
      }
      resolve()
    }
    go()
  })
}

it('carries both directions whole while the host asks for new keys every 256 KiB', async () => {
  const { far } = await dialFar({
    admission: admissionFor({ address: sshd.host, port: sshd.port, username: sshd.user }, { hostKeys: [hostKeyFromLine(sshd.hostKeys.ed25519.publicKey)] }),
    link: playLink({ password: sshd.password ?? '' }),
    prompter: playPerson(() => null),
    size: { cols: 80, rows: 24 },
    term: 'xterm',
    listeners: [],
    signal: new AbortController().signal,
  })
  const chunks: Uint8Array[] = []
  let onRoom = () => {}
  let look = () => {}
  const closed = new Promise<unknown>((resolve) => {
    far.on = { output: (bytes) => (chunks.push(bytes), look()), room: () => onRoom(), closed: (exit, cause) => resolve([exit, cause]) }
  })
  const until = (what: string) =>
    new Promise<void>((resolve) => {
      look = () => (Buffer.concat(chunks.slice(-4)).includes(what) ? resolve() : undefined)
      look()
    })
  far.resume()
  const size = 8 * 1024 * 1024
  far.write(Buffer.from(`stty raw -echo; PS1=; printf '%s%s' rea dy; head -c ${size} | sha256sum; seq 1000000 2000000; exit 5\n`))
  await until('ready')
  const upload = randomBytes(size)
  await writeAll(far, upload, (call) => (onRoom = call))
  expect(await closed).toEqual([{ exitStatus: 5 }, undefined])
  const all = Buffer.concat(chunks)
  expect(all.includes(createHash('sha256').update(upload).digest('hex'))).toBe(true)
  expect(all.includes(Buffer.from(Array.from({ length: 1_000_001 }, (_, at) => `${1_000_000 + at}\n`).join('')))).toBe(true)
}, 60_000)

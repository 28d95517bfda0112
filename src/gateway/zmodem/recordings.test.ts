// What Debian's sz and rz said (see test/recordings/zmodem), cut at every byte.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ZmodemEnd } from './end.ts'
import { ZmodemReceiver } from './receiver.ts'
import { ZmodemSender } from './sender.ts'
import { StartFinder } from './start-finder.ts'

const folder = path.resolve(import.meta.dirname, '../../../test/recordings/zmodem')
const Recording = z.object({ program: z.enum(['sz', 'rz']), host: z.base64(), files: z.array(z.object({ name: z.string(), content: z.base64() })) })
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...Recording.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8'))) }))
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function replay({ program, host, files }: (typeof recordings)[number], cut: (bytes: Buffer) => Uint8Array[]): string {
  const got: string[] = []
  const over: { end?: ZmodemEnd } = {}
  const now = () => 0
  let hash = createHash('sha256')
  const receiver = new ZmodemReceiver({
    send: () => undefined,
    offered: (file) => {
      got.push(file.name)
      hash = createHash('sha256')
      receiver.accept()
    },
    refused: (file) => got.push(`refused ${file.name}`),
    data: (bytes) => void hash.update(bytes),
    fileEnded: () => got.push(hash.digest('hex')),
    ended: (end) => (over.end = end),
    now,
  })
  let next = 0
  const offer = () => {
    const file = files[next]
    if (file) sender.offer({ name: file.name, bytes: Buffer.from(file.content, 'base64').length })
    else sender.endBatch()
  }
  const sender = new ZmodemSender({
    send: () => true,
    accepted: (offset) => void sender.write(Buffer.from(files[next]?.content ?? '', 'base64').subarray(offset)),
    skipped: () => got.push('skipped'),
    wantsMore: () => undefined,
    fileDone: () => {
      const file = files[next]
      got.push(file?.name ?? '', digest(Buffer.from(file?.content ?? '', 'base64')))
      next += 1
      offer()
    },
    ended: (end) => (over.end = end),
    now,
  })
  const finder = new StartFinder(() => undefined)
  const engine = program === 'sz' ? receiver : sender
  let hasStarted = false
  for (const bytes of cut(Buffer.from(host, 'base64'))) {
    if (hasStarted) {
      engine.input(bytes)
      continue
    }
    const found = finder.push(bytes)
    if (!found || found.kind === 'trzsz') continue
    hasStarted = true
    if (program === 'sz') receiver.start()
    else {
      sender.start(found.header)
      offer()
    }
    engine.input(found.rest)
  }
  return JSON.stringify({ how: over.end?.how, got })
}

describe.each(recordings)('$name', (recording) => {
  const wanted = JSON.stringify({
    how: 'finished',
    got: recording.files.flatMap(({ name, content }) => [name, digest(Buffer.from(content, 'base64'))]),
  })
  test('in one piece', () => expect(replay(recording, (bytes) => [bytes])).toBe(wanted))
  test('byte by byte', () => expect(replay(recording, (bytes) => [...bytes].map((byte) => Uint8Array.of(byte)))).toBe(wanted))
  test('cut in two at every byte', () => {
    const { length } = Buffer.from(recording.host, 'base64')
    for (let at = 1; at < length; at += 1) {
      const outcome = replay(recording, (bytes) => [bytes.subarray(0, at), bytes.subarray(at)])
      if (outcome !== wanted) expect(outcome, `cut at ${at}`).toBe(wanted)
    }
  })
})
test('there are recordings', () => expect(recordings.length).toBeGreaterThan(7))

// Run by hand (`node test/recordings/zmodem/record.ts`, with Debian's lrzsz): what `sz` and `rz` say in small transfers, for `src/gateway/zmodem/recordings.test.ts`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { receiveFrom, sendTo } from '../../../src/gateway/zmodem/test-lrzsz.ts'

const everyByte = Buffer.from(Array.from({ length: 1500 }, (_, at) => (at < 768 ? at & 0xff : (at * 167) & 0xff)))
const files: Record<string, Buffer> = {
  'a b.bin': everyByte,
  empty: Buffer.alloc(0),
  '中文.txt': Buffer.from('@\r\n@\r\n'),
  'cr.txt': Buffer.alloc(300, '@\r'),
}
const cases: [string, 'sz' | 'rz', string[], string[]][] = [
  ['sz', 'sz', [], ['a b.bin']],
  ['sz-batch', 'sz', [], Object.keys(files)],
  ['sz-escape', 'sz', ['-e'], ['a b.bin', 'cr.txt']],
  ['sz-crc16', 'sz', ['-o'], ['a b.bin', 'empty']],
  ['sz-8k', 'sz', ['--start-8k'], ['a b.bin']],
  ['sz-binary-short', 'sz', ['-b', '-L', '64'], ['a b.bin']],
  ['sz-window', 'sz', ['-w', '256', '-L', '64'], ['a b.bin']],
  ['rz', 'rz', [], ['a b.bin']],
  ['rz-batch', 'rz', [], Object.keys(files)],
  ['rz-escape', 'rz', ['-e'], ['a b.bin', 'cr.txt']],
  ['rz-binary', 'rz', ['-b'], ['a b.bin']],
]
const folder = mkdtempSync(path.join(tmpdir(), 'record-zmodem-'))
for (const [name, program, options, names] of cases) {
  const said: Buffer[] = []
  const cwd = mkdtempSync(path.join(folder, 'run-'))
  const tap = (bytes: Uint8Array) => void said.push(Buffer.from(bytes))
  const batch = names.map((each) => ({ name: each, content: files[each] ?? Buffer.alloc(0) }))
  if (program === 'sz') {
    for (const each of batch) writeFileSync(path.join(cwd, each.name), each.content)
    await receiveFrom([...options, '--', ...names], cwd, { tap })
  } else
    await sendTo(
      options,
      cwd,
      batch.map((each) => ({ ...each, bytes: each.content.length })),
      { tap },
    )
  const exchange = {
    program,
    made: [program, ...options].join(' '),
    host: Buffer.concat(said).toString('base64'),
    files: batch.map((each) => ({ name: each.name, content: each.content.toString('base64') })),
  }
  writeFileSync(path.join(import.meta.dirname, `${name}.json`), `${JSON.stringify(exchange, null, 2)}\n`)
}
rmSync(folder, { recursive: true })

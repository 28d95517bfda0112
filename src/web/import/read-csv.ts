// A table of hosts as spreadsheets write it. The columns are found by their titles, in any order.
import Papa from 'papaparse'
import { AccountName, Port } from '#domain/asset.ts'
import { HostKeyPolicy } from '#domain/host-key.ts'
import { cleanName, foldName, freeName, type ImportHost } from '#client/import/import-host.ts'
import { type ImportNote, type ImportText, makeNote, mostHosts, mostLines } from '#client/import/import-note.ts'
import { type CsvField, readHead } from './csv-columns.ts'

/** Rows of one file, in their order. Without a column for addresses, or for names, the one stands for the other. */
export function readCsv(file: ImportText): { hosts: ImportHost[]; notes: ImportNote[] } {
  const hosts: ImportHost[] = []
  const notes: ImportNote[] = []
  const say = (line: number, code: ImportNote['code'], what = '') => notes.push(makeNote(file.name, line, code, what))
  const taken = new Set<string>()
  let columns: (CsvField | undefined)[] | undefined
  let line = 1
  let read = 0
  const text = file.text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  Papa.parse<string[]>(text, {
    delimiter: delimiterOf(text),
    newline: '\n',
    step({ data, errors, meta }, parser) {
      const at = line
      line += countLines(text, read, meta.cursor)
      read = meta.cursor
      if (line > mostLines + 1) {
        say(at, 'too_many_lines')
        return parser.abort()
      }
      if (data.every((cell) => cell.trim() === '')) return
      if (errors.some(({ type }) => type === 'Quotes')) return void say(at, 'row_unreadable', data.join(', '))
      if (!columns) {
        const head = readHead(data.slice(0, 100))
        columns = head.columns
        for (const title of head.unknown.slice(0, 20)) say(at, 'column_unknown', title)
        for (const title of head.twice.slice(0, 20)) say(at, 'column_twice', title)
        if (!columns.includes('address') && !columns.includes('name')) {
          say(at, 'no_address_column', data.join(', '))
          parser.abort()
        }
        return
      }
      if (hosts.length >= mostHosts) {
        say(at, 'too_many_hosts')
        return parser.abort()
      }
      const titles = columns
      const cell = (field: CsvField) => (data[titles.indexOf(field)] ?? '').trim()
      const host = readRow(cell, { file: file.name, line: at }, taken, (code, what) => say(at, code, what))
      if (host) hosts.push(host)
    },
  })
  return { hosts, notes }
}

/** Whichever parts the first line most often; quoted cells do not count. */
function delimiterOf(text: string): string {
  const first = (/^.*\S.*$/m.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t'].map((sign) => ({ sign, count: first.split(sign).length }))
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).sign
}

function readRow(
  cell: (field: CsvField) => string,
  from: ImportHost['from'],
  taken: Set<string>,
  say: (code: ImportNote['code'], what: string) => void,
): ImportHost | undefined {
  const written = cell('address') || cell('name')
  if (written === '') return void say('row_without_address', '')
  const [address, ownPort] = splitPort(written)
  const portText = cell('port') || ownPort || '22'
  const port = Port.safeParse(/^\d{1,5}$/.test(portText) ? Number(portText) : undefined)
  if (!port.success) say('port_unreadable', portText)
  const plain = cleanName(cell('name') || address) || 'host'
  // Twice the same name in one table is a mistake that the preview shows; it is not made into two hosts in silence.
  const name = cell('name') === '' ? freeName(plain, taken) : plain
  taken.add(foldName(name))
  const usernames = cell('account')
    .split(/[;,，、\s]+/)
    .filter((username) => AccountName.safeParse(username).success)
  const policy = HostKeyPolicy.safeParse(cell('policy').toLowerCase())
  const via = /^(?:([^@]+)@)?(.+)$/.exec(cell('via'))
  return {
    name,
    address,
    port: port.success ? port.data : 22,
    tags: [
      ...new Set(
        cell('tags')
          .split(/[;,，、|]/)
          .map((tag) => tag.trim())
          .filter((tag) => tag !== ''),
      ),
    ].slice(0, 50),
    usernames: [...new Set(usernames)].slice(0, 20),
    ...(cell('password') === '' ? {} : { password: cell('password') }),
    ...(cell('credential') === '' ? {} : { credential: cell('credential') }),
    ...(policy.success ? { policy: policy.data } : {}),
    keyFiles: [],
    ...(via?.[2] === undefined ? {} : { via: { name: cleanName(via[2]), ...(via[1] === undefined ? {} : { username: via[1].trim() }) } }),
    knownAs: port.success && port.data !== 22 ? `[${address}]:${port.data}` : address,
    trusted: [],
    from,
    isJump: false,
  }
}

/** `host:port` and `[v6]:port`; an IPv6 address without brackets has no port. */
function splitPort(written: string): [address: string, port: string | undefined] {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(written) ?? /^([^:]+):(\d{1,5})$/.exec(written)
  return match ? [match[1] ?? '', match[2]] : [written, undefined]
}

function countLines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

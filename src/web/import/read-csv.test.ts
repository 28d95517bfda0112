import { describe, expect, it } from 'vitest'
import { csvTemplate } from './csv-columns.ts'
import { kindOf } from './file-kind.ts'
import { decode, guessEncoding } from './read-bytes.ts'
import { readCsv } from './read-csv.ts'

const read = (text: string) => readCsv({ name: 'hosts.csv', text })
const brief = (text: string) =>
  read(text).hosts.map(({ name, address, port, usernames, tags, via }) =>
    [name, `${usernames.join('+')}@${address}:${port}`, tags.join('+'), via ? `${via.username ?? ''}@${via.name}` : ''].join(' ').trim(),
  )
const notes = (text: string) => read(text).notes.map(({ line, code, what }) => `${line} ${code} ${what}`)

describe('a table of hosts', () => {
  it('is read by its titles, in English and in Chinese, in any order', () => {
    expect(brief('Address,Name,Port,Tags,Account,Via\n10.0.0.1,web1,2222,"a, b",deploy,ops@gate\n')).toEqual(['web1 deploy@10.0.0.1:2222 a+b ops@gate'])
    expect(brief('主机名称,IP地址,端口,账号,标签\n网站一,10.0.0.1,22,root,生产、北京\n')).toEqual(['网站一 root@10.0.0.1:22 生产+北京'])
    expect(brief('hostname\nweb1.example.org\n')).toEqual(['web1.example.org @web1.example.org:22'])
  })

  it('takes semicolons, tabs, CRLF, quotes over lines and a byte order mark', () => {
    expect(brief('\uFEFFname;address\r\n"a";"10.0.0.1"\r\n\r\nb;10.0.0.2')).toEqual(['a @10.0.0.1:22', 'b @10.0.0.2:22'])
    expect(brief('name\taddress\na\t10.0.0.1\n')).toEqual(['a @10.0.0.1:22'])
    expect(read('name,address,tags\na,10.0.0.1,"x\ny"\nb,,\n,,\nc,,\n').hosts.map(({ name, from }) => `${name}:${from.line}`)).toEqual(['a:2', 'b:4', 'c:6'])
  })

  it('names the columns and lines that it does not follow', () => {
    expect(notes('name,address,colour,ip\na,1.2.3.4:99999,red,\n,,red,\nb,b,,\n')).toEqual([
      '1 column_unknown colour',
      '1 column_twice ip',
      '2 port_unreadable 99999',
      '3 row_without_address ',
    ])
    expect(notes('10.0.0.1,root\n10.0.0.2,root\n')).toEqual(['1 column_unknown 10.0.0.1', '1 column_unknown root', '1 no_address_column 10.0.0.1, root'])
  })

  it('keeps passwords, shared credentials, policies and ports of addresses', () => {
    const [host] = read('address,user,password,credential,policy\n[2001:db8::1]:2200,root,"a,""b""",prod,pin-first\n').hosts
    expect([host?.address, host?.port, host?.password, host?.credential, host?.policy]).toEqual(['2001:db8::1', 2200, 'a,"b"', 'prod', 'pin-first'])
  })

  it('stops at 10,000 lines and 1,000 hosts and says so', () => {
    const many = `address\n${Array.from({ length: 1100 }, (_, index) => `h${index}\n`).join('')}`
    expect([read(many).hosts.length, notes(many)]).toEqual([1000, ['1002 too_many_hosts ']])
    expect(notes(`address\n${'\n'.repeat(11_000)}x\n`).map((note) => note.split(' ')[1])).toEqual(['too_many_lines'])
  })

  it('is what the template says in both languages', () => {
    for (const language of ['en', 'zh'] as const) {
      expect([kindOf({ name: 'x', text: csvTemplate(language) }), notes(csvTemplate(language))]).toEqual(['csv', []])
      expect(brief(csvTemplate(language))).toEqual(['web1 deploy@192.0.2.10:22 web+production', 'db1 postgres@db1.example.org:2222 db deploy@web1'])
    }
  })
})

describe('a file', () => {
  it('is known by what is in it', () => {
    const kinds = {
      key: '-----BEGIN OPENSSH PRIVATE KEY-----\nx',
      config: '# x\nHost a\n',
      known_hosts: '|1|a=|b= ssh-ed25519 AAAAC3',
      csv: '名称;地址\n',
      other: 'ssh-ed25519 AAAA me',
    }
    for (const [kind, text] of Object.entries(kinds)) expect([kind, kindOf({ name: 'file', text })]).toEqual([kind, kind])
    expect([kindOf({ name: 'a.csv', text: 'x\n' }), kindOf({ name: '', text: '' }), kindOf({ name: 'work.conf', text: '  User me\n' })]).toEqual([
      'csv',
      'other',
      'config',
    ])
  })

  it('is read in its encoding', () => {
    const gbk = Uint8Array.of(0xc3, 0xfb, 0xb3, 0xc6) // 名称
    expect(decode(gbk, guessEncoding(gbk))).toBe('名称')
    const utf16 = Uint8Array.of(0xff, 0xfe, 0x0d, 0x54)
    expect(decode(utf16, guessEncoding(utf16))).toBe('名')
    expect(guessEncoding(new TextEncoder().encode('名称'))).toBe('utf-8')
  })
})

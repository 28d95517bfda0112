import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keysFor, readKnownHosts } from './known-hosts.ts'

let folder = ''
const keys: { line: string; fingerprint: string }[] = []
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-known-hosts-'))
  for (const type of ['ed25519', 'ecdsa']) {
    const file = path.join(folder, type)
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'a comment', '-f', file])
    const fingerprint = /SHA256:\S+/.exec(execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }))?.[0] ?? ''
    keys.push({ line: readFileSync(`${file}.pub`, 'utf8').trim(), fingerprint })
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

async function find(text: string, names: string[]) {
  const { entries, notes } = await readKnownHosts([{ name: 'known_hosts', text }])
  const found = await keysFor(names, entries)
  return {
    keys: Object.fromEntries([...found.keys].map(([name, its]) => [name, its.map(({ fingerprint }) => fingerprint)])),
    notes: [...notes, ...found.notes].map(({ line, code }) => `${line} ${code}`),
  }
}

describe('known_hosts', () => {
  it('gives the keys of names, ports, patterns and negations, with the fingerprint that ssh-keygen prints', async () => {
    const [a, b] = keys
    const text = `# mine\n\nWEB1,10.0.0.1 ${a?.line}\r\n[web1]:2222 ${b?.line}\n*.lan,!no.lan ${a?.line}\nweb1 ${b?.line}\n`
    expect((await find(text, ['web1', '[web1]:2222', 'x.lan', 'no.lan', 'other'])).keys).toEqual({
      web1: [a?.fingerprint, b?.fingerprint],
      '[web1]:2222': [b?.fingerprint],
      'x.lan': [a?.fingerprint],
      'no.lan': [],
      other: [],
    })
  })

  it('finds names that ssh has hashed', async () => {
    const file = path.join(folder, 'hashed')
    writeFileSync(file, `web1 ${keys[0]?.line}\n[2001:db8::1]:2200 ${keys[1]?.line}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain('web1')
    expect((await find(text, ['web1', 'web2', '[2001:db8::1]:2200'])).keys).toEqual({
      web1: [keys[0]?.fingerprint],
      web2: [],
      '[2001:db8::1]:2200': [keys[1]?.fingerprint],
    })
  })

  it('trusts no key that is revoked, is an authority, or is not what it says', async () => {
    const [a, b] = keys.map(({ line }) => line)
    const text = `web1 ${a}\n@revoked * ${a}\n@cert-authority *.lan ${b}\nx.lan ssh-rsa ${b?.split(' ')[1]}\nx.lan ${b?.slice(0, 60)}\n|1|short|hash ${b}\nnonsense\n`
    expect(await find(text, ['web1', 'x.lan'])).toEqual({
      keys: { web1: [], 'x.lan': [] },
      notes: [
        '3 known_authority',
        '4 known_line_unreadable',
        '5 known_line_unreadable',
        '6 known_line_unreadable',
        '7 known_line_unreadable',
        '2 known_revoked',
      ],
    })
  })

  it('stops where hashed names would take too long, and says so', async () => {
    const hashed = `|1|${'A'.repeat(27)}=|${'A'.repeat(27)}= ${keys[0]?.line}\n`
    const { entries } = await readKnownHosts([{ name: 'known_hosts', text: hashed.repeat(6) }])
    const { notes } = await keysFor(['h1', 'h2'], entries, { most: 10 })
    expect(notes.map(({ line, code }) => `${line} ${code}`)).toEqual(['6 known_too_many'])
  })
})

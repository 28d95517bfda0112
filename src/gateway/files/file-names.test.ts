import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { attachmentHeaders, contentDisposition, safeFileName } from './file-names.ts'

const controls = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

describe('a name of a stranger', () => {
  it.each([
    ['../x', 'x'],
    ['/etc/passwd', 'passwd'],
    ['..\\x', 'x'],
    ['a/../../x', 'x'],
    ['C:\\temp\\report.pdf', 'report.pdf'],
    ['a\0.txt', 'a_.txt'],
    ['a\r\nSet-Cookie: b', 'a__Set-Cookie: b'],
    ['\x1b[31mred', '_[31mred'],
    ['photo\u202egnp.exe', 'photo_gnp.exe'],
    ['a\u2028b\u2066c\ufeff', 'a_b_c_'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['LPT1 .log', '_LPT1 .log'],
    ['com¹', '_com¹'],
    ['console.log', 'console.log'],
    ['name. . .', 'name'],
    ['  two words.txt ', 'two words.txt'],
    ['.bashrc', '.bashrc'],
    ['报告 最终.pdf', '报告 最终.pdf'],
    ['می‌خواهم.txt', 'می‌خواهم.txt'],
    ['lone \ud800 half', 'lone \ufffd half'],
  ])('%j is %j', (raw, safe) => {
    expect(safeFileName(raw)).toBe(safe)
  })

  it.each(['', '.', '..', '...', '/', 'folder/', 'a/..', ' ', '. .', '..\\..'])('%j is none', (raw) => {
    expect(safeFileName(raw)).toBeUndefined()
  })

  it.each(['x'.repeat(5000), `${'名'.repeat(2000)}.tar.gz`, '👩‍👩‍👧'.repeat(700), `${'x'.repeat(254)}名`, `${' '.repeat(100_000)}x`, `x${' '.repeat(100_000)}x`])(
    'is at most 255 bytes long, of whole characters (%#)',
    (raw) => {
      const safe = safeFileName(raw) ?? ''
      expect(safe).not.toBe('')
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(255)
      expect(safe.isWellFormed()).toBe(true)
    },
  )

  it('keeps its ending when it is cut', () => {
    expect(safeFileName(`${'名'.repeat(2000)}.tar.gz`)).toMatch(/^名+\.tar\.gz$|^名+\.gz$/)
    expect(safeFileName(`a.${'x'.repeat(5000)}`)).toHaveLength(255)
  })

  it('never has a control, a slash or a turn of direction in it, and is safe again', () => {
    const parts = ['a', '/', '\\', '..', '.', ' ', '\0', '\r', '\n', '\x1b', '\u202e', '\u200f', 'CON', ':', '"', '%00', '名', '\ud83d', '\x7f', '\x85']
    let seed = 7
    const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    for (let round = 0; round < 5000; round += 1) {
      const raw = Array.from({ length: next(9) }, () => parts[next(parts.length)] ?? '').join('')
      const safe = safeFileName(raw)
      if (safe === undefined) continue
      expect(safe).not.toMatch(controls)
      expect(safe).not.toMatch(/[/\\]/)
      expect(['.', '..', '']).not.toContain(safe)
      expect(safeFileName(safe)).toBe(safe)
    }
  })
})

describe('the header', () => {
  it('is plain for plain names and encoded for others, RFC 8187', () => {
    expect(contentDisposition('report (1).pdf')).toBe('attachment; filename="report (1).pdf"')
    expect(contentDisposition('€ "rates" 100%.txt')).toBe('attachment; filename="_ _rates_ 100_.txt"; filename*=UTF-8\'\'%E2%82%AC%20%22rates%22%20100%25.txt')
    expect(contentDisposition("it's (a) *.txt €")).toContain("filename*=UTF-8''it%27s%20%28a%29%20%2A.txt%20%E2%82%AC")
    expect(contentDisposition('..')).toBe('attachment; filename="download"')
  })

  it('passes as one header of a real answer whatever the name, and lets nothing be shown', async () => {
    const names = ['a\r\nX-Evil: 1', 'x"; filename="evil.html', '\u202e名\0', 'page.html', 'picture.svg', '\ud800']
    const server = createServer((asked, answer) => {
      answer.writeHead(200, attachmentHeaders(names[Number(asked.url?.slice(1))] ?? ''))
      answer.end('<script>alert(1)</script>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      for (const [at] of names.entries()) {
        const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
          const asking = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, path: `/${at}`, agent: false }, (answer) => {
            answer.resume()
            resolve(answer.headers)
          })
          asking.on('error', reject).end()
        })
        expect(headers).not.toHaveProperty('x-evil')
        expect(headers['content-type']).toBe('application/octet-stream')
        expect(headers['x-content-type-options']).toBe('nosniff')
        expect(headers['content-security-policy']).toBe("sandbox; default-src 'none'")
        expect(headers['cache-control']).toContain('no-store')
        expect(headers['content-disposition']).toMatch(/^attachment; filename="[^"]*"(; filename\*=UTF-8''[\w%.!#$&+^`|~-]+)?$/)
      }
    } finally {
      server.close()
    }
  })
})

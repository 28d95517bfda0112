import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ToldCommand } from '#wire/told-command.ts'
import { CommandReader } from './command-reader.ts'
import { OutputScan } from './output-scan.ts'

const osc = (text: string) => `\x1b]${text}\x07`
/** One session; `|` in the text parts pieces of output. */
function read(text: string): ToldCommand[] {
  const reader = new CommandReader({ cols: 80, rows: 24 })
  const told: ToldCommand[] = []
  let offset = 0
  for (const [index, piece] of text.split('|').entries()) {
    const bytes = Buffer.from(piece, 'utf8')
    reader.output(bytes, offset, index * 1000)
    offset += bytes.length
    told.push(...reader.take(false))
  }
  return told
}

describe('what a shell says about itself', () => {
  it('gives command, folder, exit status and time, of OSC 133 with cmdline_url and OSC 7', () => {
    const told = read(
      `${osc('133;A')}$ ${osc('133;B')}|${osc('7;file://db1/srv/%E4%B8%AD')}${osc('133;C;cmdline_url=echo%20%27a%3Bb%27%0Als')}out|${osc('133;D;3')}`,
    )
    expect(told).toMatchObject([
      { text: "echo 'a;b'\nls", how: 'integration', folder: '/srv/中', atMs: 1000 },
      { text: '', how: 'integration', exitStatus: 3, durationMs: 1000 },
    ])
    expect(told[1]?.number).toBe(told[0]?.number)
  })

  it('gives the same of OSC 633', () => {
    const told = read(`${osc('633;P;Cwd=/srv')}${osc('633;E;echo a\\x3bb \\\\x;nonce')}${osc('633;C')}|${osc('633;D;0')}`)
    expect(told).toMatchObject([{ text: 'echo a;b \\x', folder: '/srv' }, { exitStatus: 0 }])
  })

  it('is cut anywhere and says the same', () => {
    const text = `x${osc('133;C;cmdline_url=ls%20-l')}\x1b[?2004h|${osc('133;D;1')}`
    for (let at = 1; at < text.length; at += 1) expect(read(`${text.slice(0, at)}|${text.slice(at)}`).map((each) => each.text)).toEqual(['ls -l', ''])
  })

  it('is a stranger’s text: cleaned and bounded', () => {
    const hostile = `${'%1b[31m%0d%0aevil%07%e2%80%ae'}${'a'.repeat(10_000)}`
    const [told] = read(osc(`133;C;cmdline_url=${hostile}`))
    expect(told?.text).toMatch(/^\[31m\nevila+$/)
    expect(told?.text.length).toBe(4000)
    expect(read(osc(`133;C;cmdline_url=${'a'.repeat(100_000)}`))).toEqual([])
    expect(read(`${osc('133;C;cmdline_url=%ff%zz%')}${osc('133;D;99999999999999999999')}`)).toMatchObject([{ text: '\ufffd%zz%' }, {}])
    expect(read(`${osc('7;http://x/etc')}${osc('133;C;cmdline_url=ls')}`)[0]?.folder).toBeUndefined()
  })

  it('stands any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (pieces) => {
        const scan = new OutputScan()
        for (const piece of pieces) for (const { at } of scan.find(piece)) expect(at).toBeLessThanOrEqual(piece.length)
      }),
      { numRuns: 300 },
    )
  })

  it('costs little where somebody presses Enter into a flood', () => {
    const reader = new CommandReader({ cols: 80, rows: 24 })
    const flood = Buffer.from('\x1b[32mcoloured\x1b[0m and plain text of a flood, line after line\r\n'.repeat(500))
    const began = process.cpuUsage()
    let offset = 0
    // Ten seconds of 1,000 Enter and some 30 MiB each.
    for (let at = 0; at < 10_000; at += 1) {
      reader.typed({ typed: false, lineEnds: 1, isOpen: false, interrupted: false }, offset, at)
      reader.output(flood, offset, at)
      offset += flood.length
      reader.take(false)
    }
    const { user, system } = process.cpuUsage(began)
    console.log(`10,000 Enter in ${Math.round(offset / 1024 / 1024)} MiB cost ${Math.round((user + system) / 1000)} ms of CPU in 10 s`)
    expect(user + system).toBeLessThan(3_000_000)
  })

  it('costs a flood a search and no screen', () => {
    const reader = new CommandReader({ cols: 80, rows: 24 })
    const flood = Buffer.from('\x1b[32mcoloured\x1b[0m and plain text of a flood, line after line\r\n'.repeat(4000))
    const began = process.cpuUsage()
    let offset = 0
    while (offset < 256 * 1024 * 1024) {
      reader.output(flood, offset, offset)
      offset += flood.length
    }
    const { user, system } = process.cpuUsage(began)
    const mibPerSecond = 256 / ((user + system) / 1e6)
    console.log(`a flood passes the reader of commands at ${Math.round(mibPerSecond)} MiB per second of CPU`)
    // A terminal would take 20 or so.
    expect(mibPerSecond).toBeGreaterThan(400)
  })
})

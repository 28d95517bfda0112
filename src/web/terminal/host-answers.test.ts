import { Terminal } from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { HostAnswers } from './host-answers.ts'
import { paletteColor, themes } from './themes.ts'

const { colors } = themes.harbour
function make() {
  const terminal = new Terminal({ allowProposedApi: true, cols: 80, rows: 24 })
  let nowMs = 0
  const answers = new HostAnswers(
    terminal,
    { palette: (at) => paletteColor(colors, at), foreground: () => colors.foreground, background: () => colors.background, cursor: () => colors.cursor },
    () => nowMs,
  )
  let said: string[] = []
  terminal.onData((text) => said.push(text))
  return {
    answers,
    pass: (ms: number) => (nowMs += ms),
    async ask(text: string): Promise<string[]> {
      said = []
      await new Promise<void>((resolve) => terminal.write(text, resolve))
      return said
    },
  }
}

describe('what a terminal answers', () => {
  it('is what programs need: identity, position, modes, settings', async () => {
    const { ask } = make()
    expect(await ask('\u001b[c\u001b[>c\u001b[5n\u001b[6n\u001b[?6n')).toEqual(['\u001b[?1;2c', '\u001b[>0;276;0c', '\u001b[0n', '\u001b[1;1R', '\u001b[?1;1R'])
    expect(await ask('\u001b[?2004$p\u001b[?2026$p\u001b[?2027$p\u001b[4$p')).toEqual([
      '\u001b[?2004;2$y',
      '\u001b[?2026;2$y',
      '\u001b[?2027;0$y',
      '\u001b[4;2$y',
    ])
    expect(await ask('\u001bP$qm\u001b\\\u001bP$qr\u001b\\')).toEqual(['\u001bP1$r0m\u001b\\', '\u001bP1$r1;24r\u001b\\'])
  })

  it("is never the host's own text or number", async () => {
    const { ask } = make()
    expect(await ask('\u001b]0;rm -rf ~\r\u0007\u001b[21t\u001b[20t\u001b[18t\u001b[14t\u001b[16t')).toEqual([])
    expect(await ask('\u001bP$qrm -rf ~\r\u001b\\\u001bP+q726d\u001b\\\u0005\u001b[>q\u001b[=c\u001b[31337c')).toEqual([])
    expect(await ask('\u001b[?31337$p\u001b[31337$p\u001b[31337n\u001b[?31337n')).toEqual([])
    expect(await ask('\u001b]52;c;?\u0007\u001b]4;31337;?\u0007\u001b]4;1e2;?\u0007\u001b]13;?\u0007\u001b]17;?\u0007\u001b]50;?\u0007')).toEqual([])
  })

  it("is the person's theme when colours are asked, whatever the host has set", async () => {
    const { ask } = make()
    await ask('\u001b]4;1;rgb:41/42/43\u0007\u001b]10;rgb:41/42/43\u0007\u001b]11;#414243\u0007\u001b]12;#414243\u0007')
    expect(await ask('\u001b]4;1;?\u0007\u001b]10;?;?;?\u0007')).toEqual([
      '\u001b]4;1;rgb:ffff/7b7b/7272\u001b\\',
      '\u001b]10;rgb:d7d7/dddd/e5e5\u001b\\',
      '\u001b]11;rgb:1010/1515/1b1b\u001b\\',
      '\u001b]12;rgb:5f5f/c3c3/dddd\u001b\\',
    ])
    expect(await ask('\u001b]11;?\u001b\\')).toEqual(['\u001b]11;rgb:1010/1515/1b1b\u001b\\'])
    expect(await ask('\u001b]4;0;?;7;?;999;?\u001b\\')).toHaveLength(2)
  })

  it('is bounded: a flood of questions is answered 300 times, then 100 times a second', async () => {
    const { ask, pass } = make()
    expect(await ask('\u001b[6n'.repeat(5000))).toHaveLength(300)
    expect(await ask(`\u001b]4;${'1;?;'.repeat(200)}1;?\u0007\u001b[?1004h`)).toEqual([])
    pass(500)
    expect(await ask('\u001b[c'.repeat(5000))).toHaveLength(50)
  })

  it('is nothing while it is silent', async () => {
    const { ask, answers } = make()
    answers.silent = true
    expect(await ask('\u001b[c\u001b[6n\u001b]11;?\u0007\u001b[?2004$p\u001bP$qm\u001b\\')).toEqual([])
    answers.silent = false
    expect(await ask('\u001b[5n')).toEqual(['\u001b[0n'])
  })
})

import headless from '@xterm/headless'
import { expect, it } from 'vitest'
import { boundCounts } from '#domain/screen-counts.ts'

const write = (terminal: headless.Terminal, text: string) => new Promise<void>((resolve) => terminal.write(text, resolve))
const firstLine = (terminal: headless.Terminal) => terminal.buffer.active.getLine(0)?.translateToString(true)

it.each(['L', 'M', 'S', 'T', 'I', 'Z', 'b'])(
  'is not held by CSI 2147483647 %s',
  async (final) => {
    const terminal = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true })
    boundCounts(terminal)
    const began = performance.now()
    await write(terminal, `kept\u001b[2147483647${final}`.repeat(50))
    expect(performance.now() - began).toBeLessThan(2000)
    terminal.dispose()
  },
  10_000,
)

it('leaves counts within the screen as they are', async () => {
  const terminal = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true })
  boundCounts(terminal)
  await write(terminal, 'one\r\ntwo\u001b[1S\u001b[H')
  expect(firstLine(terminal)).toBe('two')
  await write(terminal, '\u001b[24M=\u001b[9b')
  expect(firstLine(terminal)).toBe('==========')
  terminal.dispose()
})

import { Terminal } from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import type { ClipboardOffer } from './clipboard-consent.ts'
import { mostEncoded, offerClipboard, textOffered, tooLarge } from './clipboard-consent.ts'

const encode = (text: string) => Buffer.from(text).toString('base64')

describe("a host's wish to copy", () => {
  it('is a text for any selection, and nothing else is obeyed', () => {
    for (const selection of ['c', 'p', 'q', 's', '', '0', '7', 'pc', 's0']) expect(textOffered(`${selection};${encode('中文 ok')}`)).toBe('中文 ok')
    for (const data of ['c;?', 'c;', ';', 'c', '', 'x;YQ==', 'c;%%%', 'c;YQ==;YQ==', `c;${Buffer.from([0xff, 0xfe]).toString('base64')}`, 'c;A'])
      expect(textOffered(data), data).toBeUndefined()
  })

  it('is bounded', () => {
    expect(textOffered(`c;${'A'.repeat(mostEncoded)}`)).toHaveLength((mostEncoded / 4) * 3)
    expect(textOffered(`c;${'A'.repeat(mostEncoded + 4)}`)).toBe(tooLarge)
  })

  it('is heard with every ending and however it is cut, and never answered', async () => {
    const terminal = new Terminal({ allowProposedApi: true })
    const offers: ClipboardOffer[] = []
    const said: string[] = []
    terminal.onData((text) => said.push(text))
    offerClipboard(terminal.parser, (offer) => offers.push(offer))
    const write = (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve))
    await write(`\u001b]52;c;${encode('bell')}\u0007\u001b]52;c;${encode('st')}\u001b\\\u009d52;p;${encode('c1')}\u009c\u001b]52;c;?\u0007`)
    for (const character of `\u001b]52;;${encode('one by one')}\u0007`) await write(character)
    await write(`\u001b]52;c;${'QUJD'.repeat(mostEncoded / 4)}`)
    await write('QUJD\u0007')
    expect(offers).toEqual([
      { id: 1, text: 'bell' },
      { id: 2, text: 'st' },
      { id: 3, text: 'c1' },
      { id: 4, text: 'one by one' },
      { id: 5, text: '', tooLarge: true },
    ])
    expect(said).toEqual([])
  })
})

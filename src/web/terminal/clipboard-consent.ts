// OSC 52: a host may ask that text be put on the person's clipboard. It is offered, and written only when the person says so; the clipboard is never read for a host.
import type { IDisposable, IParser } from '@xterm/xterm'

/** Characters of base64 that are looked at: three quarters as many bytes. What is longer is not offered, only told. */
export const mostEncoded = 1_000_000

export type ClipboardOffer = {
  /** Counts offers, so that a click on one does not give away the next. */
  id: number
  text: string
  /** Told instead of a text. */
  tooLarge?: boolean
}

// xterm's selections: clipboard, primary, secondary, select, cut buffers 0 to 7. All of them mean the one clipboard that a browser has; tmux sends none at all.
const selections = /^[cpqs0-7]{0,12}$/
const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Stands for a text that is not looked at. */
export const tooLarge = Symbol('too large')

/** The text of an OSC 52 that writes, `tooLarge`, or undefined for what is not obeyed: a question, an emptying, or what is not base64 of UTF-8. */
export function textOffered(data: string): string | typeof tooLarge | undefined {
  const at = data.indexOf(';')
  if (at === -1 || !selections.test(data.slice(0, at))) return undefined
  if (data.length - at - 1 > mostEncoded) return tooLarge
  const encoded = data.slice(at + 1)
  if (encoded === '' || !base64.test(encoded)) return undefined
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) || undefined
  } catch {
    return undefined // not base64 after all, or not UTF-8
  }
}

/** Offers what the host wants copied; the newest offer takes the place of the one before. */
export function offerClipboard(parser: IParser, offer: (offer: ClipboardOffer) => void): IDisposable {
  let id = 0
  return parser.registerOscHandler(52, (data) => {
    const text = textOffered(data)
    if (text === tooLarge) offer({ id: ++id, text: '', tooLarge: true })
    else if (text !== undefined) offer({ id: ++id, text })
    return true
  })
}

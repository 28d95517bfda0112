// What xterm does by itself with the same bytes: the product's options, add-ons, font and size, no product around it.
import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal } from '@xterm/xterm'
import { terminalOptions } from '../../src/web/terminal/terminal-comforts.ts'
import { readScreen, type Screen } from '../../src/web/terminal/screen-reading.ts'

export type BareRoom = { cols: number; rows: number; width: number; height: number; webgl: boolean }
declare global {
  interface Window {
    /** Makes the terminal, as large as the product's. */
    bareOpen(room: BareRoom): void
    /** Fetches what is to be written, so that it lies in memory. Answers its length. */
    bareLoad(path: string): Promise<number>
    /** Writes all of it; answers the milliseconds until the last of it is parsed. */
    bareCat(mark: string): Promise<number>
    bareScreen(): Screen
  }
}

// As much under way as the product's window allows, in pieces as large as a network gives them.
const pieceBytes = 32 * 1024
const mostUnderWay = 256 * 1024

let terminal: Terminal
let bytes = new Uint8Array(0)

window.bareOpen = ({ cols, rows, width, height, webgl }) => {
  const room = document.querySelector<HTMLElement>('#room')
  if (!room) throw new Error('the page has no room')
  room.style.width = `${width}px`
  room.style.height = `${height}px`
  terminal = new Terminal({ ...terminalOptions(), cols, rows })
  terminal.loadAddon(new FitAddon())
  terminal.loadAddon(new UnicodeGraphemesAddon())
  terminal.open(room)
  terminal.loadAddon(new WebLinksAddon())
  if (webgl) terminal.loadAddon(new WebglAddon())
  terminal.focus()
}
window.bareLoad = async (path) => {
  bytes = new Uint8Array(await (await fetch(path)).arrayBuffer())
  return bytes.length
}
window.bareCat = (mark) =>
  new Promise((resolve) => {
    const startedAt = performance.now()
    let at = 0
    let underWay = 0
    const feed = () => {
      while (at < bytes.length && underWay < mostUnderWay) {
        const piece = bytes.subarray(at, at + pieceBytes)
        at += piece.length
        underWay += piece.length
        terminal.write(piece, () => {
          underWay -= piece.length
          feed()
        })
      }
      if (at === bytes.length && underWay === 0) {
        at += 1
        terminal.write(`${mark}\r\n`, () => resolve(performance.now() - startedAt))
      }
    }
    feed()
  })
window.bareScreen = () => readScreen(terminal)

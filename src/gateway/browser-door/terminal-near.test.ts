import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { decodeFrame } from '#wire/terminal.ts'
import { TerminalNear } from './terminal-near.ts'

it('fits the names of a hundred watchers into a frame, however long they are and whatever they are made of', () => {
  const sent: Uint8Array[] = []
  const socket = { readyState: 1, OPEN: 1, bufferedAmount: 0, send: (frame: Uint8Array) => sent.push(frame) }
  const near = new TerminalNear(socket as unknown as WebSocket, { ended: () => undefined, takenOver: () => undefined })
  for (const letter of ['a', '世', '\u0001', '\ud800', '🎉']) {
    near.watchers(Array.from({ length: 100 }, () => letter.repeat(256)))
    const decoded = decodeFrame(sent.at(-1) ?? new Uint8Array(0))
    expect(decoded.ok && decoded.frame.kind === 'watchers' ? decoded.frame.watchers.names.length : decoded).toBe(100)
  }
})

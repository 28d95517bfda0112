// Sequences that xterm carries out as often as their parameter says: ten bytes of a host (`CSI 2147483647 S`) would hold the page for hours.
import type { IDisposable, Terminal } from '@xterm/xterm'

type Room = Pick<Terminal, 'cols' | 'rows'>
/** Beyond it nothing more could be seen of one sequence: lines inserted, deleted, scrolled; tabs on and back; a repeated character. */
const most: Readonly<Record<string, (room: Room) => number>> = {
  L: ({ rows }) => rows,
  M: ({ rows }) => rows,
  S: ({ rows }) => rows,
  T: ({ rows }) => rows,
  I: ({ cols }) => cols,
  Z: ({ cols }) => cols,
  b: ({ cols, rows }) => cols * rows,
}

/** A count beyond the screen is left out altogether; no program that draws a screen sends one. */
export const isBoundless = (final: string, count: number | number[] | undefined, room: Room): boolean =>
  typeof count === 'number' && count > (most[final]?.(room) ?? Infinity)

export function boundCounts(terminal: Terminal): IDisposable {
  const handlers = Object.keys(most).map((final) => terminal.parser.registerCsiHandler({ final }, ([count]) => isBoundless(final, count, terminal)))
  return { dispose: () => handlers.forEach((handler) => handler.dispose()) }
}

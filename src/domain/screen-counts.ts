// Sequences that xterm carries out as often as their parameter says: ten bytes of a host (`CSI 2147483647 S`) would hold a page or a worker for hours. One rule for the live screen, its replay and the screens of gateways, which must stay alike.

type Room = { readonly cols: number; readonly rows: number }
/** What is needed of an xterm, whichever build. */
type Screen = Room & { readonly parser: { registerCsiHandler(id: { final: string }, callback: (params: (number | number[])[]) => boolean): unknown } }

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

/** Leaves out, for as long as the terminal lives, what counts beyond its screen; no program that draws a screen sends it. */
export function boundCounts(terminal: Screen): void {
  for (const [final, limit] of Object.entries(most))
    terminal.parser.registerCsiHandler({ final }, ([count]) => typeof count === 'number' && count > limit(terminal))
}

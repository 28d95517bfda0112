/** What a session's terminal shows after `offset` bytes of output, as a string that redraws it on a terminal that was reset. */
export type Screen = { offset: number; cols: number; rows: number; text: Uint8Array }

export interface ScreenSource {
  /**
   * The screen of a live session at an offset of at least `atLeast` (all of it accepted by the journal). Calls for one session are answered together. `late` is called once
   * when it will take longer than half a second. Throws `Failure('screen_unavailable')` (session unknown, worker gone) or the signal's reason.
   */
  screen(session: string, atLeast: number, signal: AbortSignal, late?: () => void): Promise<Screen>
}

/** The last output of live sessions, as the journal holds it. */
export interface OutputHistory {
  /**
   * Output bytes [from, to) of a live session, all of them accepted; undefined when the journal no longer holds them all (it keeps the last 1 MiB of a live session).
   * At most 1 MiB and 64 KiB are asked for. Throws the signal's reason.
   */
  read(session: string, from: number, to: number, signal: AbortSignal): Promise<Uint8Array | undefined>
}

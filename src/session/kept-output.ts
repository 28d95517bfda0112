// What is kept of a command's output: its beginning in the recording, and of all of it the length and, where wanted, the digest.
import { createHash, type Hash } from 'node:crypto'
import type { SessionAct } from '#domain/session-act.ts'
import type { SessionEvent } from './event.ts'

const newline = 0x0a
const carriageReturn = 0x0d

type Stream = { bytes: number; hash: Hash | undefined }

export class KeptOutput {
  readonly #streams: readonly [Stream, Stream]
  #left: number
  #offset = 0

  /** `outputBytes`: of both streams together, as they come; then a marker says that the rest is not there. */
  constructor(options: { outputBytes: number; digests: boolean }) {
    const stream = (): Stream => ({ bytes: 0, hash: options.digests ? createHash('sha256') : undefined })
    this.#streams = [stream(), stream()]
    this.#left = options.outputBytes
  }

  /** More of it belongs in the recording. */
  get isRecording(): boolean {
    return this.#left > 0
  }
  /** Of the recording. */
  get offset(): number {
    return this.#offset
  }

  /** Counts them, whether they are recorded or not. */
  count(bytes: Uint8Array, isStderr: boolean): void {
    const stream = this.#streams[isStderr ? 1 : 0]
    stream.bytes += bytes.length
    stream.hash?.update(bytes)
  }

  /** What of these bytes is to be recorded, in order. Line ends become what a terminal would show, each LF a CR and LF: taking them out again gives the bytes. */
  eventsOf(bytes: Uint8Array, atMs: number): SessionEvent[] {
    const part = bytes.subarray(0, this.#left)
    this.#left -= part.length
    const shown = withReturns(part)
    const events: SessionEvent[] = [{ kind: 'output', atMs, offset: this.#offset, bytes: shown }]
    this.#offset += shown.length
    if (this.#left === 0)
      events.push({ kind: 'marker', atMs, offset: this.#offset, label: 'What follows of the output is not recorded: its length and digest are.' })
    return events
  }

  /** At the end. */
  act(at: number): SessionAct {
    const [stdout, stderr] = this.#streams
    return {
      act: 'output',
      at,
      stdoutBytes: stdout.bytes,
      stderrBytes: stderr.bytes,
      ...(stdout.hash ? { stdout: stdout.hash.digest('hex') } : {}),
      ...(stderr.hash ? { stderr: stderr.hash.digest('hex') } : {}),
    }
  }
}

function withReturns(bytes: Uint8Array): Uint8Array {
  let count = 0
  for (const byte of bytes) if (byte === newline) count += 1
  const shown = new Uint8Array(bytes.length + count)
  let at = 0
  for (const byte of bytes) {
    if (byte === newline) shown[at++] = carriageReturn
    shown[at++] = byte
  }
  return shown
}

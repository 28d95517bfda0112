// A host's terminal in which `sz` and `rz` are seen. While nothing runs, output goes through as it came, uncopied; while a transfer runs, what the host says is the transfer's and the
// session's standstills wait until it is over.
import type { Clock } from '#session/clock.ts'
import type { Size } from '#session/event.ts'
import type { Far, FarListener } from '#session/far.ts'
import { type Found, StartFinder } from '../zmodem/start-finder.ts'
import { LastFolder } from './last-folder.ts'
import type { HostSide } from './transfer.ts'

/** What may be the beginning of a header is held back no longer. */
const flushAfterMs = 50
const ctrlC = 0x03
/** A header and the ends of some lines. */
const mostRawBytes = 64

type Start = Exclude<Found, { kind: 'trzsz' }>

export type TransferringEvents = {
  /** The host has said so, and nothing since. */
  found: (found: Found) => void
  /** The host says something after what was found: whatever was to follow does not. */
  wentOn: () => void
  /** The person typed Ctrl-C, which goes to the host when nothing runs. */
  interrupted: () => void
  /** The host's terminal is gone. */
  gone: () => void
  /** Files pass, which are not paced as what a person reads, until what is returned is called. */
  carriesFiles?: (() => () => void) | undefined
}

/** Who takes the host's side while a transfer runs. */
export type HostReader = { input(bytes: Uint8Array): void; hostRoom(): void }

export class TransferringFar implements Far {
  on: FarListener = { output: () => {}, room: () => {}, closed: () => {} }
  readonly #far: Far
  readonly #clock: Clock
  readonly #events: TransferringEvents
  readonly #finder: StartFinder
  readonly #lastFolder = new LastFolder()
  #reader: HostReader | undefined
  #sessionStands = true
  #transferStands = false
  #isStanding = true
  #flush: { cancel(): void } | undefined
  /** Found, and it may still turn out that the host goes on. `#isTold`: it was still for long enough. */
  #found: Start | undefined
  #isTold = false
  #settling: { cancel(): void } | undefined

  constructor(far: Far, clock: Clock, events: TransferringEvents) {
    this.#far = far
    this.#clock = clock
    this.#events = events
    this.#finder = new StartFinder((bytes) => this.#pass(bytes))
    far.on = {
      output: (bytes) => this.#output(bytes),
      room: () => {
        this.#reader?.hostRoom()
        // What the session waits for may be from before.
        this.on.room()
      },
      closed: (exit, cause) => {
        this.#quiet()
        this.#events.gone()
        this.on.closed(exit, cause)
      },
    }
  }

  /** The host's terminal is the reader's until it is released. */
  take(reader: HostReader): HostSide {
    this.#reader = reader
    this.dismiss()
    const leavePace = this.#events.carriesFiles?.()
    const owns = () => this.#reader === reader
    const stand = (stands: boolean) => {
      if (!owns()) return
      this.#transferStands = stands
      this.#judge()
    }
    this.#judge()
    return {
      write: (bytes) => !owns() || this.#far.write(bytes),
      pause: () => stand(true),
      resume: () => stand(false),
      release: (rest) => {
        if (!owns()) return
        this.#reader = undefined
        this.#transferStands = false
        leavePace?.()
        this.#judge()
        if (rest.length > 0) this.#output(rest)
      },
    }
  }

  write(bytes: Uint8Array): boolean {
    const isTaken = this.#reader !== undefined
    if (bytes.includes(ctrlC)) this.#events.interrupted()
    return isTaken || this.#far.write(bytes)
  }
  resize(size: Size): void {
    this.#far.resize(size)
  }
  pause(): void {
    this.#sessionStands = true
    this.#judge()
  }
  resume(): void {
    this.#sessionStands = false
    this.#judge()
  }
  /** Where the shell stands, when its prompt says so. */
  get folder(): string | undefined {
    return this.#lastFolder.folder()
  }
  get rttMs(): number | undefined {
    return this.#far.rttMs
  }
  close(): void {
    this.#quiet()
    this.#events.gone()
    this.#far.close()
  }

  /** What was found is answered: the next like it is another. */
  dismiss(): void {
    this.#found = undefined
    this.#isTold = false
    this.#settling?.cancel()
    this.#settling = undefined
  }

  #output(bytes: Uint8Array): void {
    if (this.#reader) return this.#reader.input(bytes)
    for (let found = this.#finder.push(bytes); found;) {
      const rest = this.#settle(found)
      found = rest.length === 0 ? undefined : this.#finder.push(rest)
    }
    if (this.#finder.isHolding) this.#flush ??= this.#clock.after(flushAfterMs, () => this.#flushHeld())
  }

  #flushHeld(): void {
    this.#flush = undefined
    if (!this.#reader) this.#finder.flush()
  }

  /** A header that is the last thing the host says is a program that waits for an answer; it says it again from time to time. One with more behind it was printed. Answers what is behind. */
  #settle(found: Found): Uint8Array {
    // Its marker has gone to the terminal, and nothing is ever said to it.
    if (found.kind === 'trzsz') {
      this.#events.found(found)
      return found.rest
    }
    const rest = withoutEnd(found.rest)
    if (this.#isTold && this.#found?.kind === found.kind) return rest
    this.#notLast()
    this.#found = found
    if (rest.length < found.rest.length) this.#keep(found.rest.subarray(0, found.rest.length - rest.length))
    if (rest.length === 0)
      this.#settling = this.#clock.after(flushAfterMs, () => {
        this.#settling = undefined
        this.#isTold = true
        this.#events.found(found)
      })
    return rest
  }

  #pass(bytes: Uint8Array): void {
    // The end of its line may come by itself.
    if (this.#found && isEnd(bytes)) return this.#keep(bytes)
    this.#notLast()
    this.#lastFolder.said(bytes)
    this.on.output(bytes)
  }

  #keep(end: Uint8Array): void {
    if (this.#found) this.#found = { ...this.#found, raw: Buffer.concat([this.#found.raw.subarray(0, mostRawBytes), end]) }
  }

  #notLast(): void {
    if (!this.#found) return
    const [found, wasTold] = [this.#found, this.#isTold]
    this.dismiss()
    if (wasTold) this.#events.wentOn()
    // It was text, and all of it is shown as it came.
    else this.on.output(found.raw)
  }

  #quiet(): void {
    this.dismiss()
    this.#flush?.cancel()
    this.#flush = undefined
  }

  #judge(): void {
    const stands = this.#reader ? this.#transferStands : this.#sessionStands
    if (stands === this.#isStanding) return
    this.#isStanding = stands
    if (stands) this.#far.pause()
    else this.#far.resume()
  }
}

/** What ends a header's line: CR, LF (lrzsz sets its high bit), XON. It may come behind it by itself. */
const ends = new Set([0x0d, 0x0a, 0x8a, 0x8d, 0x11])
const isEnd = (bytes: Uint8Array): boolean => bytes.length <= 3 && bytes.every((byte) => ends.has(byte))
function withoutEnd(bytes: Uint8Array): Uint8Array {
  let at = 0
  while (at < 3 && ends.has(bytes[at] ?? 0)) at += 1
  return bytes.subarray(at)
}

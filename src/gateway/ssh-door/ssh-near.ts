// A native ssh client as somebody who sees a session: output goes to its channel, what Sallyport has to say beside it.
import type { SessionEnd } from '#domain/session.ts'
import type { Near, NearControls, NoticeAbout } from '#session/near.ts'
import type { Screen } from '#session/screens.ts'
import type { ExitSignal } from '#ssh/channel-wire.ts'
import { exitSignalValue } from '#ssh/channel-wire.ts'
import { printable } from '#ssh/client-transport.ts'
import { wireUint32 } from '#ssh/wire-reader.ts'
import { type DoorWords, noticeWords } from './door-words.ts'
import type { SessionChannel } from './session-channel.ts'

const failedStatus = 255

export class SshNear implements Near {
  /** Before the session has begun there are none. */
  controls: NearControls | undefined
  /** Input up to this absolute offset has been given to the host. */
  onTaken: ((offset: number) => void) | undefined
  /** The host's own words for how its program ended. */
  exitSignal: (() => ExitSignal | undefined) | undefined
  readonly #channel: SessionChannel
  readonly #words: DoorWords
  #writtenTo = 0
  #watchers: readonly string[] = []
  #isOver = false

  constructor(channel: SessionChannel, words: DoorWords) {
    this.#channel = channel
    this.#words = words
  }

  output(offset: number, bytes: Uint8Array): void {
    this.#writtenTo = offset + bytes.length
    this.#channel.channel.write(bytes)
    this.#acknowledge()
  }

  /** Nothing waits any more. */
  room(): void {
    this.#acknowledge()
  }

  screen(screen: Screen): void {
    // RIS, so that what it draws stands on an empty terminal.
    this.#channel.write('\x1bc')
    this.#channel.channel.write(screen.text)
    this.#writtenTo = screen.offset
    this.#acknowledge()
  }

  notice(_level: 'info' | 'warning' | 'error', text: string, about?: NoticeAbout): void {
    this.#say(noticeWords(this.#words, text, about))
  }

  stats(): void {}
  /** The client's own terminal does ZMODEM, or nobody. */
  transfer(): void {}

  taken(inputOffset: number): void {
    this.onTaken?.(inputOffset)
  }

  watchers(names: string[]): void {
    const come = names.filter((name) => !this.#watchers.includes(name))
    if (come.length > 0) this.#say(this.#words.watched(come.join(', ')))
    this.#watchers = names
  }

  takenOver(): void {
    this.#say(this.#words.takenOver)
    this.#close(() => this.#exitStatus(failedStatus))
  }

  /** What the host said of its program goes on as it came; for every other end ssh's own status for a connection that failed. */
  ended(end: SessionEnd): void {
    // Before it began, whoever opens it says why: there are better words.
    if (!this.controls) return
    const { reason, exitStatus } = end
    if (reason === 'exited') return this.#close(() => exitStatus !== undefined && this.#exitStatus(exitStatus))
    const exitSignal = reason === 'signaled' ? this.exitSignal?.() : undefined
    if (exitSignal) return this.#close(() => void this.#channel.channel.request('exit-signal', exitSignalValue(exitSignal), false))
    this.#say(end.message)
    this.#close(() => this.#exitStatus(failedStatus))
  }

  /** In the middle of what a program draws: on a line of its own. */
  #say(text: string): void {
    if (!this.#isOver) this.#channel.say(`${this.controls ? '\n' : ''}[Sallyport] ${printable(text, 2000)}`)
  }

  #exitStatus(status: number): void {
    void this.#channel.channel.request('exit-status', wireUint32(status), false)
  }

  #close(exit: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    exit()
    this.#channel.channel.close()
  }

  /** What has left for the client's window counts as parsed: the window is the client's own measure, and what waits beyond it is ours. */
  #acknowledge(): void {
    const sentTo = this.#writtenTo - this.#channel.channel.waitingBytes
    if (sentTo > 0) this.controls?.acknowledged(sentTo)
  }
}

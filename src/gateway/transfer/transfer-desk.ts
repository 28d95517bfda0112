// The place of `sz` and `rz` in one terminal: sees a start, asks control what may be moved, shows its owner a card, and gives the host's terminal to the transfer that they consent to. One at a
// time; without their word nothing is said to the host.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FileDirection, type FileRule, judgeFile, refusalWords } from '#domain/file-rule.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { SessionId } from '#domain/id.ts'
import { askSeconds, type TransferAct } from '#domain/terminal-transfer.ts'
import type { Clock } from '#session/clock.ts'
import type { Far } from '#session/far.ts'
import type { Session } from '#session/session.ts'
import { Acts } from '../acts.ts'
import { answerFailure } from '../files-door/answers.ts'
import type { TerminalWork } from '../browser-door/terminal-door.ts'
import type { Header } from '../zmodem/frame.ts'
import type { Found } from '../zmodem/start-finder.ts'
import { Download, throughPanel } from './download.ts'
import { FileStory } from './file-story.ts'
import { TransferTally } from './tally.ts'
import type { TransferTerminal } from './terminal-transfers.ts'
import type { HostSide, TransferParts } from './transfer.ts'
import { TransferringFar } from './transferring-far.ts'
import { Upload } from './upload.ts'

/** Control decides; a start that it does not answer is no start. */
const rulesWithinMs = 10_000

export type DeskParts = {
  session: SessionId
  /** The host's terminal as it is; nobody else listens to it. */
  far: Far
  link: Pick<TerminalWork['link'], 'ask'>
  clock: Clock
  report: TerminalWork['report']
  verify: TransferParts['verify']
  /** Files pass over its connection until what is returned is called. */
  carriesFiles?: () => () => void
}

/** The marker may stand in a text many times. */
const trzszEveryMs = 5000

/** A card that is shown, or about to be. */
type Card = { way: 'sz' | 'rz'; header: Header; tally: TransferTally; rules: readonly FileRule[]; timer: { cancel(): void } | undefined }

export class TransferDesk implements TransferTerminal {
  /** What the session is given. */
  readonly far: TransferringFar
  readonly #parts: DeskParts
  readonly #acts: Acts
  #session: Pick<Session, 'transfer' | 'mark'> | undefined
  #card: Card | undefined
  #transfer: Upload | Download | undefined
  /** As the page said it. */
  #folder: string | undefined
  #trzszMs = -Infinity
  #isOver = false

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.far = new TransferringFar(parts.far, parts.clock, {
      found: (found) => this.#found(found),
      wentOn: () => this.#withdraw(),
      interrupted: () => this.#interrupted(),
      gone: () => this.#gone(),
      carriesFiles: parts.carriesFiles,
    })
    this.#acts = new Acts((from, acts) => parts.report({ report: 'acts', session: parts.session, from, acts }, parts.session), parts.clock)
  }

  /** Before the first output. */
  serveSession(session: Pick<Session, 'transfer' | 'mark'>): void {
    this.#session = session
  }

  /** Where the shell stands, as far as is known. */
  get folder(): string | undefined {
    return this.#folder ?? this.far.folder
  }

  /** Of the owner's page. What is about a transfer that is over came too late and means nothing. */
  act(act: TransferAct): void {
    const [card, transfer] = [this.#card, this.#transfer]
    if (card?.tally.id === act.id) {
      if (act.act === 'accept') this.#accept(card, act)
      else if (act.act === 'cancel') this.#decline(card, 'The transfer was declined.')
    } else if (transfer?.tally.id === act.id) {
      if (act.act === 'cancel') transfer.cancel('The transfer was cancelled.')
      else if (act.act === 'skip') transfer.skip(act.index)
    }
  }

  serve(request: IncomingMessage, response: ServerResponse, transferId: string, what: string, secure: boolean): void {
    try {
      this.#serve(request, response, transferId, what, secure)
    } catch (cause) {
      if (!isFailure(cause)) throw cause
      answerFailure(response, cause, secure)
      request.resume()
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse, id: string, what: string, secure: boolean): void {
    const card = this.#card?.tally.id === id ? this.#card : undefined
    const transfer = this.#transfer?.tally.id === id ? this.#transfer : undefined
    if (!card && !transfer) throw new Failure('transfer_not_found', 'This transfer is over, or is not of this terminal.')
    if (/^\d{1,4}$/.test(what)) {
      if (request.method !== 'PUT') throw new Failure('method_not_allowed', 'Bytes of a file are PUT here.')
      if (!(transfer instanceof Upload)) throw new Failure('conflict', 'The host does not wait for files yet.')
      const offset = new URL(request.url ?? '', 'http://door').searchParams.get('offset') ?? ''
      if (!/^\d{1,10}$/.test(offset)) throw new Failure('bad_request', 'Say where the bytes begin: ?offset=N.')
      return transfer.put(request, response, Number(what), Number(offset), secure)
    }
    if (what !== 'next' && what !== 'zip') throw new Failure('not_found', 'There is nothing at this address.')
    if (request.method !== 'GET') throw new Failure('method_not_allowed', 'This is fetched by GET.')
    if (card?.way === 'rz' || transfer instanceof Upload) throw new Failure('conflict', 'The host waits for files; it sends none.')
    const download = transfer ?? (card && this.#begin(card))
    if (download instanceof Download) download.fetch(response, what === 'zip', secure)
  }

  #accept(card: Card, act: Extract<TransferAct, { act: 'accept' }>): void {
    if (card.way !== 'rz') return
    this.#folder = act.folder
    const upload = this.#begin(card)
    if (upload instanceof Upload) upload.accept(act)
  }

  #found(found: Found): void {
    if (this.#isOver || this.#card) return
    if (found.kind === 'trzsz') return this.#tellOfTrzsz()
    this.#transfer?.finish()
    this.#transfer = undefined
    const tally = this.#tally(found.kind)
    const card: Card = { way: found.kind, header: found.header, tally, rules: [], timer: undefined }
    this.#card = card
    void this.#ask(card)
  }

  /** It is answered with a word to the person alone: Ctrl-C, which they may type, ends it. */
  #tellOfTrzsz(): void {
    const now = this.#parts.clock.nowMs()
    if (this.#transfer?.tally.isOver === false || now < this.#trzszMs + trzszEveryMs) return
    this.#trzszMs = now
    this.#tally('trzsz').over('refused', { text: `trzsz is not spoken here. Press Ctrl-C to end it. ${throughPanel}` })
  }

  #tally(way: Found['kind']): TransferTally {
    return new TransferTally(way, this.#parts.clock, (state, isOver) => this.#session?.transfer(state, isOver))
  }

  /** What may be moved is asked anew each time: rights change while a terminal lives. */
  async #ask(card: Card): Promise<void> {
    const direction: FileDirection = card.way === 'sz' ? 'download' : 'upload'
    const rules = await this.#rules()
    if (this.#card !== card) return
    if (isFailure(rules)) return this.#turnAway(card, rules, undefined)
    const verdict = judgeFile(rules, { direction, path: undefined }, undefined)
    if (!verdict.permitted) return this.#turnAway(card, new Failure('file_refused', wordsOf(verdict, direction)), verdict)
    card.rules = rules
    card.tally.changed()
    card.timer = this.#parts.clock.after(askSeconds * 1000, () => this.#decline(card, 'Nobody answered.'))
  }

  async #rules(): Promise<readonly FileRule[] | Failure> {
    const late = Promise.withResolvers<Failure>()
    const timer = this.#parts.clock.after(rulesWithinMs, () => late.resolve(unreachable()))
    const asked = this.#parts.link.ask({ ask: 'file-rules', session: this.#parts.session }).then(
      ({ rules }) => rules,
      (cause: unknown) => {
        if (isFailure(cause) && cause.code !== 'control_unreachable')
          return new Failure('file_refused', 'Sallyport does not say that files may be moved here.', { cause })
        return unreachable()
      },
    )
    const answer = await Promise.race([asked, late.promise])
    timer.cancel()
    return answer
  }

  #turnAway(card: Card, failure: Failure, verdict: Parameters<FileStory['refused']>[1]): void {
    const transfer = this.#begin(card)
    new FileStory(this.#chronicle(card.way), '').refused(failure.message, verdict)
    transfer.refuse(failure, verdict?.rule)
  }

  /** No, or nobody said anything: the program on the host is ended. */
  #decline(card: Card, text: string): void {
    this.#begin(card).cancel(text)
  }

  /** The host says something else: no program waits. Nothing is said to whatever runs there now. */
  #withdraw(): void {
    const card = this.#card
    this.#card = undefined
    card?.timer?.cancel()
    if (card && this.#isShown(card)) card.tally.over('cancelled', { text: 'The host waits for it no more.' })
  }

  #isShown = (card: Card): boolean => card.timer !== undefined

  #interrupted(): void {
    if (this.#card) this.#decline(this.#card, 'Ctrl-C was typed.')
    else this.#transfer?.cancel('Ctrl-C was typed.')
  }

  #gone(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#withdraw()
    this.#transfer?.hostGone()
    this.#acts.flush()
  }

  /** The host's terminal is the transfer's from here on. */
  #begin(card: Card): Upload | Download {
    card.timer?.cancel()
    this.#card = undefined
    if (card.way === 'sz') this.#folder = undefined
    const { clock, verify } = this.#parts
    let side: HostSide | undefined
    const host: HostSide = {
      write: (bytes) => side?.write(bytes) ?? true,
      pause: () => side?.pause(),
      resume: () => side?.resume(),
      release: (rest) => side?.release(rest),
    }
    const parts: TransferParts = { tally: card.tally, host, rules: card.rules, clock, chronicle: this.#chronicle(card.way), verify }
    const transfer = card.way === 'sz' ? new Download(parts) : new Upload(parts, card.header)
    side = this.far.take(transfer)
    this.#transfer = transfer
    return transfer
  }

  #chronicle(way: 'sz' | 'rz') {
    return {
      way,
      clock: this.#parts.clock,
      mark: (label: string) => this.#session?.mark(label) ?? 0,
      add: (act: Parameters<Acts['add']>[0]) => this.#acts.add(act),
    }
  }
}

const unreachable = () => new Failure('control_unreachable', 'Sallyport cannot look up what you may move just now. Try again in a moment.')
const wordsOf = (verdict: Exclude<ReturnType<typeof judgeFile>, { permitted: true }>, direction: FileDirection) =>
  verdict.why === 'path' ? `${refusalWords(verdict, direction)} A terminal does not say where a file lies. ${throughPanel}` : refusalWords(verdict, direction)

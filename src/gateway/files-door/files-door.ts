// `/api/v1/files`: requests about files end here, in the gateway that holds their session. Control is asked once, when a ticket is redeemed.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { Failure, isFailure } from '#domain/failure.ts'
import type { SessionId } from '#domain/id.ts'
import { OpenFiles, StartUpload } from '#wire/files.ts'
import type { ResumeKeys } from '../browser-door/resume-keys.ts'
import type { Source } from '../browser-door/source-address.ts'
import { FilesSession, notFound } from '../files/files-session.ts'
import type { TerminalTransfers } from '../transfer/terminal-transfers.ts'
import { answerFailure, answerJson, failureOf } from './answers.ts'
import { answerArchive } from './archive.ts'
import { changes, type Change, doChange } from './change.ts'
import { answerContent } from './content.ts'
import { type FilesAddress, readFilesAddress } from './files-address.ts'
import { onlyReadersStall } from './flow.ts'
import { answerList, pathOf, plainPath, statOf } from './look.ts'
import { digestOf, openFiles, type OpenFilesWork } from './open-files.ts'
import { readJson } from './read-json.ts'
import { passOver } from './read-pieces.ts'
import { Uploads } from './uploads.ts'
import { shownBy } from './who-asks.ts'

export type FilesWork = OpenFilesWork & {
  keys: Pick<ResumeKeys, 'isOwner'>
  terminalTransfers: Pick<TerminalTransfers, 'of'>
  log: Logger
}

/** Tickets that are being redeemed and hosts that are dialled for them, of one address and of all. */
const mostOpeningPerSource = 16
const mostOpening = 100

type Call = { request: IncomingMessage; response: ServerResponse; source: Source; shown: string; address: FilesAddress }

export class FilesDoor {
  readonly #work: FilesWork
  readonly #uploads = new WeakMap<FilesSession, Uploads>()
  readonly #opening = new Map<string, number>()
  #openingInAll = 0

  constructor(work: FilesWork) {
    this.#work = work
  }

  /** Host and origin have been judged, and the session is one of this gateway or none. Every request is answered. */
  take(request: IncomingMessage, response: ServerResponse, source: Source): void {
    void this.#take(request, response, source).catch((cause: unknown) => {
      const failure = failureOf(cause)
      if (!isFailure(cause)) this.#work.log.error({ err: cause }, 'a request about files failed by a fault of this program')
      answerFailure(response, failure, source.secure)
    })
  }

  async #take(request: IncomingMessage, response: ServerResponse, source: Source): Promise<void> {
    const address = readFilesAddress(request.url)
    if (!address) throw new Failure('not_found', 'There is nothing at this address.')
    const call: Call = { request, response, source, shown: shownBy(request, source.secure), address }
    if (!address.session) return this.#open(call)
    if (address.names[0] === 'zmodem') return this.#zmodem(call, address.session)
    const session = this.#work.liveSessions.get(address.session)
    // Alike for what is not there and what is somebody else's; the comparison takes the same time for every wrong one.
    if (!(session instanceof FilesSession) || !session.isOwnedBy(digestOf(call.shown)) || session.end) throw notFound()
    // Answered by itself: the end of a session cuts what it answers.
    if (request.method === 'DELETE' && address.names.length === 0) {
      session.leave()
      return answerJson(response, 200, {}, source.secure)
    }
    onlyReadersStall(response)
    const done = Promise.withResolvers<void>()
    session.enter(done.promise, address.names[0] !== 'transfers')
    const cut = () => response.destroy()
    session.signal.addEventListener('abort', cut, { once: true })
    try {
      await this.#answer(session, call)
    } catch (cause) {
      if (session.signal.aborted && !response.headersSent) throw failureOf(session.signal.reason)
      await passOver(request)
      throw cause
    } finally {
      session.signal.removeEventListener('abort', cut)
      done.resolve()
    }
  }

  async #open({ request, response, source, shown }: Call): Promise<void> {
    if (request.method !== 'POST') throw notAllowed(response, 'POST')
    const leave = this.#enter(source.address)
    onlyReadersStall(response)
    try {
      const { ticket } = await readJson(request, OpenFiles)
      const { session, opened } = await openFiles(ticket, { source: source.address, shown }, this.#work)
      // Nobody is there to hear of it: it would only wait for its two minutes.
      if (response.destroyed) return session.leave()
      answerJson(response, 201, opened, source.secure)
    } finally {
      leave()
    }
  }

  /** The terminal's present owner alone, who shows the cookie that the terminal was opened or taken over with. */
  #zmodem({ request, response, source, shown, address }: Call, id: SessionId): void {
    const [, transfer = '', what = '', ...more] = address.names
    const terminal = this.#work.terminalTransfers.of(id)
    if (!this.#work.keys.isOwner(id, shown) || !terminal || more.length > 0) throw notFound()
    onlyReadersStall(response)
    terminal.serve(request, response, transfer, what, source.secure)
  }

  async #answer(session: FilesSession, call: Call): Promise<void> {
    const { request, response, source, address } = call
    const { secure } = source
    const [what = '', ...rest] = address.names
    const json = (status: number, value: unknown) => answerJson(response, status, value, secure)
    if (what === 'uploads') return this.#upload(session, call, rest)
    if (rest.length > 0) throw new Failure('not_found', 'There is nothing at this address.')
    const methods = methodsOf(what)
    if (!methods) throw new Failure('not_found', 'There is nothing at this address.')
    if (!methods.includes(request.method ?? '')) throw notAllowed(response, methods.join(', '))
    switch (what) {
      case 'list':
        return answerList(session, pathOf(address.query), response, secure)
      case 'stat':
        return json(200, await statOf(session, pathOf(address.query)))
      case 'content':
        return answerContent(session, pathOf(address.query), request, response, secure)
      case 'archive':
        return answerArchive(session, address.query.getAll('path').map(plainPath), response, secure)
      case 'transfers':
        return json(200, { items: session.transfers.views() })
      default:
        await doChange(session, what as Change, request)
        return json(200, {})
    }
  }

  async #upload(session: FilesSession, { request, response, source, address }: Call, names: readonly string[]): Promise<void> {
    const uploads = this.#uploadsOf(session)
    const json = (status: number, value: unknown) => answerJson(response, status, value, source.secure)
    const [id, what, ...more] = names
    const method = request.method ?? ''
    if (more.length > 0 || (what !== undefined && what !== 'finish')) throw new Failure('not_found', 'There is nothing at this address.')
    if (id === undefined) {
      if (method !== 'POST') throw notAllowed(response, 'POST')
      const asked = await readJson(request, StartUpload)
      return json(201, await uploads.start({ ...asked, path: plainPath(asked.path) }))
    }
    if (what === 'finish') {
      if (method !== 'POST') throw notAllowed(response, 'POST')
      return json(200, await uploads.finish(id))
    }
    if (method === 'DELETE') {
      await uploads.remove(id)
      return json(200, {})
    }
    if (method !== 'PUT') throw notAllowed(response, 'PUT, DELETE')
    const offset = address.query.get('offset') ?? ''
    if (!/^\d{1,15}$/.test(offset)) throw new Failure('bad_request', 'Say where the piece begins: ?offset=N')
    return json(200, await uploads.put(id, Number(offset), request))
  }

  #uploadsOf(session: FilesSession): Uploads {
    const known = this.#uploads.get(session)
    if (known) return known
    const made = new Uploads(session)
    this.#uploads.set(session, made)
    return made
  }

  #enter(source: string): () => void {
    const own = this.#opening.get(source) ?? 0
    if (this.#openingInAll >= mostOpening || own >= mostOpeningPerSource)
      throw new Failure('rate_limited', 'Too many sessions of files are being opened at once. Try again in a moment.')
    const count = (by: 1 | -1) => {
      this.#openingInAll += by
      const now = (this.#opening.get(source) ?? 0) + by
      if (now > 0) this.#opening.set(source, now)
      else this.#opening.delete(source)
    }
    count(1)
    return () => count(-1)
  }
}

function methodsOf(what: string): readonly string[] | undefined {
  if (what === '') return ['DELETE']
  if (what === 'content') return ['GET', 'HEAD']
  if (['list', 'stat', 'archive', 'transfers'].includes(what)) return ['GET']
  return changes.some((change) => change === what) ? ['POST'] : undefined
}

function notAllowed(response: ServerResponse, allow: string): Failure {
  response.setHeader('allow', allow)
  return new Failure('method_not_allowed', `Only ${allow} is understood here.`)
}

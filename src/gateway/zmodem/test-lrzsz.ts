// Debian's sz and rz over pipes, with the engine at the other end.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isFailure } from '#domain/failure.ts'
import type { ZmodemEnd } from './end.ts'
import { type OfferedFile, type ReceiverEvents, ZmodemReceiver } from './receiver.ts'
import { type FileToSend, type SenderEvents, ZmodemSender } from './sender.ts'
import { type Found, StartFinder } from './start-finder.ts'

export const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
export type Wire = { toHost?: (bytes: Uint8Array) => Uint8Array; toUs?: (bytes: Uint8Array) => Uint8Array }
export type Received = OfferedFile & { sha256: string; got: number; isWhole: boolean }
export type Outcome = { end: ZmodemEnd; output: string; exit: number | null; files: Received[]; refused: string[]; engine: ZmodemReceiver }
export type Options = {
  wire?: Wire
  /** What to do with an offered file: where to go on, or `skip`. */
  answer?: (file: OfferedFile) => number | 'skip'
  onData?: (received: number, engine: { cancel: () => void }, child: ChildProcessWithoutNullStreams) => void
  /** Hears all that the program says. */
  tap?: (bytes: Uint8Array) => void
  /** The clock runs this much faster than it is. */
  haste?: number
  withinMs?: number
}
const unchanged = (bytes: Uint8Array) => bytes

/** Runs `sz` with these arguments and takes what it sends. */
export function receiveFrom(args: string[], cwd: string, options: Options = {}): Promise<Outcome> {
  const { toHost = unchanged, toUs = unchanged } = options.wire ?? {}
  const child = spawn('sz', args, { cwd })
  const hashes = createHash('sha256')
  let hash = hashes.copy()
  const files: Received[] = []
  const refused: string[] = []
  return run(child, 'sz', options, (end, now) => {
    const events: ReceiverEvents = {
      send: (bytes) => void (child.stdin.writable && child.stdin.write(toHost(bytes))),
      offered: (file) => {
        const answer = options.answer?.(file) ?? 0
        hash = hashes.copy()
        if (answer === 'skip') return engine.skip()
        files.push({ ...file, sha256: '', got: 0, isWhole: false })
        engine.accept(answer)
      },
      refused: (file, failure) => refused.push(`${file.name}: ${failure.code}`),
      data: (bytes) => {
        hash.update(bytes)
        const file = files.at(-1)
        if (!file) throw new Error('data without a file')
        file.got += bytes.length
        options.onData?.(file.got, engine, child)
      },
      fileEnded: () => Object.assign(files.at(-1) ?? {}, { sha256: hash.digest('hex'), isWhole: true }),
      ended: end,
      now,
    }
    const engine = new ZmodemReceiver(events)
    return { start: () => engine.start(), input: (bytes) => engine.input(toUs(bytes)), tick: () => engine.tick(), result: () => ({ files, refused, engine }) }
  })
}

export type Sent = { name: string; how: 'done' | 'skipped'; from: number }
/** Runs `rz` with these arguments and gives it the files. */
export function sendTo(
  args: string[],
  cwd: string,
  batch: (FileToSend & { content: Uint8Array })[],
  options: Options & { chunkBytes?: number; crcOf?: (content: Uint8Array, bytes: number) => number } = {},
): Promise<Omit<Outcome, 'files' | 'engine' | 'refused'> & { sent: Sent[] }> {
  const { toHost = unchanged, toUs = unchanged } = options.wire ?? {}
  const child = spawn('rz', args, { cwd })
  const sent: Sent[] = []
  let [at, from] = [0, 0]
  return run(child, 'rz', options, (end, now) => {
    const next = () => {
      const file = batch[sent.length]
      if (file) engine.offer(file)
      else engine.endBatch()
    }
    const pour = () => {
      const file = batch[sent.length]
      while (file && at < file.bytes) {
        const chunk = file.content.subarray(at, at + (options.chunkBytes ?? 64 * 1024))
        at += chunk.length
        options.onData?.(at, engine, child)
        if (!engine.write(chunk)) return
      }
    }
    const events: SenderEvents = {
      send: (bytes) => {
        if (!child.stdin.writable) return true
        const hasRoom = child.stdin.write(toHost(bytes))
        if (!hasRoom) child.stdin.once('drain', () => engine.hostRoom())
        return hasRoom
      },
      accepted: (offset) => {
        at = offset
        from = offset
        pour()
      },
      wantsMore: () => pour(),
      skipped: () => {
        sent.push({ name: batch[sent.length]?.name ?? '', how: 'skipped', from })
        next()
      },
      fileDone: () => {
        sent.push({ name: batch[sent.length]?.name ?? '', how: 'done', from })
        next()
      },
      ...(options.crcOf && { crcAsked: (bytes: number) => engine.answerCrc(options.crcOf?.(batch[sent.length]?.content ?? new Uint8Array(0), bytes)) }),
      ended: end,
      now,
    }
    const engine = new ZmodemSender(events)
    return {
      start: (found) => {
        engine.start(found.header)
        next()
      },
      input: (bytes) => engine.input(toUs(bytes)),
      tick: () => engine.tick(),
      result: () => ({ sent }),
    }
  })
}

type Driven<Result> = {
  start: (found: Extract<Found, { kind: 'sz' | 'rz' }>) => void
  input: (bytes: Uint8Array) => void
  tick: () => void
  result: () => Result
}
async function run<Result>(
  child: ChildProcessWithoutNullStreams,
  kind: 'sz' | 'rz',
  options: Options,
  make: (end: (end: ZmodemEnd) => void, now: () => number) => Driven<Result>,
): Promise<{ end: ZmodemEnd; output: string; exit: number | null } & Result> {
  const startedAt = performance.now()
  const now = () => (performance.now() - startedAt) * (options.haste ?? 1)
  let end: ZmodemEnd | undefined
  let [output, isGone, exit] = ['', false, null as number | null]
  const driven = make((said) => {
    if (end) throw new Error('ended twice')
    end = { ...said, rest: Uint8Array.from(said.rest) }
    output += Buffer.from(said.rest).toString('latin1')
  }, now)
  let hasStarted = false
  const finder = new StartFinder((bytes) => (output += Buffer.from(bytes).toString('latin1')))
  child.stderr.resume()
  child.stdin.on('error', () => undefined)
  child.stdout.on('data', (bytes: Buffer) => {
    options.tap?.(bytes)
    if (end) output += bytes.toString('latin1')
    else if (hasStarted) driven.input(bytes)
    else {
      const found = finder.push(bytes)
      if (!found || found.kind === 'trzsz') return
      if (found.kind !== kind) throw new Error(`found ${found.kind}`)
      hasStarted = true
      driven.start(found)
      if (found.rest.length > 0) driven.input(found.rest)
    }
  })
  child.on('close', (code) => ([isGone, exit] = [true, code]))
  try {
    const until = performance.now() + (options.withinMs ?? 25_000)
    while (!end || !isGone) {
      if (performance.now() > until) throw new Error(`still ${end ? 'running' : 'talking'} after ${options.withinMs ?? 25_000} ms; ${output.slice(-200)}`)
      driven.tick()
      await sleep(10)
    }
  } catch (error) {
    if (!isFailure(error)) child.kill('SIGKILL')
    throw error
  } finally {
    child.kill('SIGKILL')
  }
  return { end, output, exit, ...driven.result() }
}

// A shelf on a disk, `docs/protocol/recording.md`. The index is the truth: a block is on the shelf when its index line is durable.
import { constants } from 'node:fs'
import { Failure } from '#domain/failure.ts'
import type { BlockHeader, Keyframe } from '#wire/link.ts'
import { chainDigest, chainStart } from './chain.ts'
import { StoredHead } from './seal.ts'
import { appendScreen, readScreens } from './shelf-screens.ts'
import { findIndexLine, lastIndexLine, readIndex, type IndexEntry } from './shelf-index.ts'
import type { RecordingHead, Shelf, ShelfBlock } from './shelf.ts'
import { ShelfFiles, openFile, readWhole } from './shelf-files.ts'
import { type Growing, GrowingFiles } from './shelf-growing.ts'
import { maxFrameBytes, measureFrame } from './zstd-frames.ts'

/** Where a recording stands; `indexBytes` is the length of the index up to its last whole line. */
type Standing = { blocks: number; last: IndexEntry | undefined; bytes: number; indexBytes: number; sealed: boolean }

/** Standings of recordings that are being written; the least recently used goes first and is read again when needed. */
const maxStandings = 10_000
const maxHeadBytes = 4096
const readBytes = 256 * 1024

export class DiskShelf implements Shelf {
  readonly #files: ShelfFiles
  readonly #standings = new Map<string, Standing>()
  readonly #growing = new GrowingFiles((session) => this.#changes.has(session))
  /** The last change of a session that is under way; changes of one session follow each other. */
  readonly #changes = new Map<string, Promise<unknown>>()
  #totalBytes: number

  private constructor(files: ShelfFiles, totalBytes: number) {
    this.#files = files
    this.#totalBytes = totalBytes
  }

  /** Makes the folder when it is not there, counts what is in it, and deletes frames whose first index line never became durable. */
  static async open(root: string): Promise<DiskShelf> {
    const files = await ShelfFiles.open(root)
    return new DiskShelf(files, await files.sweep())
  }

  put(header: BlockHeader, frame: Uint8Array): Promise<void> {
    return this.putAll([{ header, frame }])
  }

  async putAll(blocks: readonly ShelfBlock[]): Promise<void> {
    const session = blocks[0]?.header.session
    if (session === undefined) return
    if (blocks.some(({ frame }) => frame.length > maxFrameBytes)) throw new Failure('too_large', 'The block is too large.')
    if (blocks.some(({ header }) => header.session !== session)) throw new Failure('bad_request', 'The blocks are not of one session.')
    await this.#alone(session, () => this.#put(session, blocks))
  }

  async state(session: string): ReturnType<Shelf['state']> {
    const standing = await this.#alone(session, () => this.#standing(session))
    if (standing?.last === undefined) return undefined
    const { at: _at, frameBytes: _frameBytes, ...last } = standing.last
    return { blocks: standing.blocks, last, bytes: standing.bytes, sealed: standing.sealed }
  }

  async seal(head: RecordingHead): Promise<void> {
    const parsed = StoredHead.safeParse(head)
    if (!parsed.success) throw new Failure('bad_request', 'The head of the recording is not valid.')
    await this.#alone(head.session, async () => {
      const standing = await this.#standing(head.session)
      if (standing?.last === undefined) throw new Failure('recording_not_found', 'There is no such recording.')
      if (standing.blocks !== head.blocks || standing.last.sha256 !== head.head)
        throw new Failure('conflict', 'The head is not that of the chain on the shelf.')
      const text = `${JSON.stringify(parsed.data)}\n`
      const before = await this.head(head.session)
      if (before !== undefined) {
        if (`${JSON.stringify(before)}\n` === text) return
        throw new Failure('conflict', 'The recording is already sealed.')
      }
      // From here on the files are read whole: what a crash left of a block that was never acknowledged must not pass for a part of the recording.
      const { cast, index } = await this.#grow(head.session)
      this.#totalBytes += await cast.writeAt(standing.bytes, [])
      this.#totalBytes += await index.writeAt(standing.indexBytes, [])
      await this.#files.writeHead(head.session, text)
      this.#totalBytes += Buffer.byteLength(text)
      // Nothing is put behind a head: its standing is read again by the few who ask.
      this.#standings.delete(head.session)
      this.#growing.close(head.session)
    })
  }

  /** Throws `Failure('recording_incomplete')` when there is a head that cannot be read. */
  async head(session: string): Promise<RecordingHead | undefined> {
    const paths = await this.#files.find(session)
    const text = paths === undefined ? undefined : await readWhole(paths.head, maxHeadBytes)
    if (text === undefined) return undefined
    try {
      return StoredHead.parse(JSON.parse(text.toString('utf8')))
    } catch (cause) {
      throw new Failure('recording_incomplete', 'the head of the recording cannot be read', { cause })
    }
  }

  async index(session: string): ReturnType<Shelf['index']> {
    const entries: IndexEntry[] = []
    for await (const entry of this.#index(session)) entries.push(entry)
    return entries
  }

  async blockAt(session: string, offset: number): Promise<ShelfBlock | undefined> {
    const paths = await this.#files.find(session)
    const entry = paths === undefined ? undefined : await findIndexLine(paths.index, offset)
    const file = paths === undefined || entry === undefined ? undefined : await openFile(paths.cast, constants.O_RDONLY)
    if (entry === undefined || file === undefined) return undefined
    try {
      const { at, frameBytes, ...header } = entry
      const frame = Buffer.allocUnsafeSlow(frameBytes)
      const { bytesRead } = await file.read(frame, 0, frameBytes, at)
      return bytesRead < frameBytes ? undefined : { header, frame }
    } finally {
      await file.close()
    }
  }

  async *frames(session: string, fromIndex = 0): AsyncGenerator<Uint8Array> {
    const paths = await this.#files.find(session)
    const file = paths === undefined ? undefined : await openFile(paths.cast, constants.O_RDONLY)
    if (file === undefined) return
    try {
      for await (const entry of this.#index(session)) {
        if (entry.index < fromIndex) continue
        const frame = Buffer.allocUnsafeSlow(entry.frameBytes)
        const { bytesRead } = await file.read(frame, 0, frame.length, entry.at)
        if (bytesRead < frame.length) throw new Failure('recording_incomplete', `Block ${entry.index} at byte ${entry.at} is missing from the recording.`)
        yield frame
      }
    } finally {
      await file.close()
    }
  }

  async *file(session: string): AsyncGenerator<Uint8Array> {
    const paths = await this.#files.find(session)
    const file = paths === undefined ? undefined : await openFile(paths.cast, constants.O_RDONLY)
    if (file === undefined) return
    const standing = await this.#alone(session, () => this.#standing(session))
    // While it is live, what stands beyond the index is a block on its way.
    const end = standing === undefined || standing.sealed ? Infinity : standing.bytes
    try {
      for (let at = 0; at < end;) {
        const chunk = Buffer.allocUnsafeSlow(Math.min(readBytes, end - at))
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield chunk.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  }

  /** Beside the changes of blocks: these do not wait for it. */
  async addScreen(keyframe: Keyframe): Promise<void> {
    const paths = await this.#files.find(keyframe.session)
    if (paths !== undefined) this.#totalBytes += await appendScreen(paths.screens, keyframe)
  }

  async *screens(session: string): AsyncGenerator<string> {
    const paths = await this.#files.find(session)
    if (paths !== undefined) yield* readScreens(paths.screens)
  }

  async remove(session: string): Promise<void> {
    await this.#alone(session, async () => {
      this.#standings.delete(session)
      this.#growing.close(session)
      this.#totalBytes -= await this.#files.remove(session)
    })
  }

  totalBytes(): Promise<number> {
    return Promise.resolve(this.#totalBytes)
  }

  /** Lets go of the files that are held open. What is put later opens them again. */
  close(): void {
    this.#growing.closeAll()
  }

  async #put(session: string, blocks: readonly ShelfBlock[]): Promise<void> {
    const before = (await this.#standing(session)) ?? { blocks: 0, last: undefined, bytes: 0, indexBytes: 0, sealed: false }
    let after: Standing = before
    const frames: Uint8Array[] = []
    const lines: Uint8Array[] = []
    for (const { header, frame } of blocks) {
      if (header.index < before.blocks) {
        await this.#same(header)
        continue
      }
      checkFollows(header, after)
      checkIsWhatItSays(header, frame)
      const last = { ...header, at: after.bytes, frameBytes: frame.length }
      const line = Buffer.from(`${JSON.stringify(last)}\n`, 'utf8')
      frames.push(frame)
      lines.push(line)
      after = { blocks: header.index + 1, last, bytes: after.bytes + frame.length, indexBytes: after.indexBytes + line.length, sealed: false }
    }
    if (lines.length === 0) return
    const { cast, index } = await this.#grow(session)
    // The frames first: an index line never names bytes that are not there.
    this.#totalBytes += await cast.writeAt(before.bytes, frames)
    this.#totalBytes += await index.writeAt(before.indexBytes, lines)
    if (before.blocks === 0) await this.#files.syncFolders(session)
    this.#remember(session, after)
  }

  #grow(session: string): Promise<Growing> {
    return this.#growing.of(session, () => this.#files.make(session))
  }

  async #same(header: BlockHeader): Promise<void> {
    for await (const entry of this.#index(header.session)) {
      if (entry.index !== header.index) continue
      if (entry.sha256 === header.sha256) return
      break
    }
    throw new Failure('conflict', `Block ${header.index} of the recording is already on the shelf, and is another one.`)
  }

  async *#index(session: string): AsyncGenerator<IndexEntry> {
    const paths = await this.#files.find(session)
    if (paths !== undefined) yield* readIndex(paths.index)
  }

  async #standing(session: string): Promise<Standing | undefined> {
    const known = this.#standings.get(session)
    if (known !== undefined) {
      this.#remember(session, known)
      return known
    }
    const paths = await this.#files.find(session)
    const tail = paths === undefined ? undefined : await lastIndexLine(paths.index)
    if (paths === undefined || tail === undefined) return undefined
    const sealed = (await readWhole(paths.head, maxHeadBytes)) !== undefined
    const standing = { blocks: tail.entry.index + 1, last: tail.entry, bytes: tail.entry.at + tail.entry.frameBytes, indexBytes: tail.bytes, sealed }
    if (!sealed) this.#remember(session, standing)
    return standing
  }

  #remember(session: string, standing: Standing): void {
    this.#standings.delete(session)
    this.#standings.set(session, standing)
    const oldest = this.#standings.size > maxStandings ? this.#standings.keys().next().value : undefined
    if (oldest !== undefined) this.#standings.delete(oldest)
  }

  /** After an error the standing is read again from the disk: what was half done is not remembered as done. */
  async #alone<Result>(session: string, change: () => Promise<Result>): Promise<Result> {
    const before = this.#changes.get(session)
    const mine = (async () => {
      await before?.catch(() => undefined) // its own caller hears of it
      try {
        return await change()
      } catch (cause) {
        this.#standings.delete(session)
        this.#growing.close(session)
        throw cause
      }
    })()
    this.#changes.set(session, mine)
    try {
      return await mine
    } finally {
      if (this.#changes.get(session) === mine) this.#changes.delete(session)
    }
  }
}

function checkFollows(header: BlockHeader, standing: Standing): void {
  const { last } = standing
  if (standing.sealed) throw new Failure('conflict', 'The recording is sealed.')
  if (header.index > standing.blocks) throw new Failure('conflict', `Block ${standing.blocks} of the recording comes next, not ${header.index}.`)
  if (
    header.previous !== (last?.sha256 ?? chainStart) ||
    header.fromOffset !== (last?.toOffset ?? 0) ||
    header.toOffset < header.fromOffset ||
    header.toMs < (last?.toMs ?? 0)
  )
    throw new Failure('conflict', `Block ${header.index} does not follow the one before it.`)
}

/** The digest is of the frame as it came, so nothing has to be decoded here; readers decode within bounds. */
function checkIsWhatItSays(header: BlockHeader, frame: Uint8Array): void {
  const shape = measureFrame(frame, 0)
  if (shape?.frameBytes !== frame.length || shape.textBytes !== header.castBytes || chainDigest(header.previous, frame) !== header.sha256)
    throw new Failure('bad_request', 'The block is not what its header says.')
}

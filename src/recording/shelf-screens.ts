// The side-car of screens of a recording: one JSON line each, for seeking. It may be absent, late or short; nothing is lost with it.
import { constants } from 'node:fs'
import { isFailure } from '#domain/failure.ts'
import { Keyframe } from '#wire/link.ts'
import { openFile } from './shelf-files.ts'
import { decompressFrame } from './zstd-frames.ts'

/** Of one recording; screens that come beyond it are not kept. */
export const maxScreensBytes = 16 * 1024 * 1024
const chunkBytes = 256 * 1024
const maxLineBytes = 256 * 1024

/** Appends, without waiting for the disk; returns by how much the file has grown. Throws what opening and writing throw. */
export async function appendScreen(path: string, { session: _session, ...keyframe }: Keyframe): Promise<number> {
  const file = await openFile(path, constants.O_RDWR | constants.O_CREAT)
  if (file === undefined) return 0
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    // A line that was torn stays by itself.
    const line = Buffer.from(`${size > 0 && last[0] !== 0x0a ? '\n' : ''}${JSON.stringify(keyframe)}\n`)
    if (size + line.length > maxScreensBytes) return 0
    const { bytesWritten } = await file.write(line, 0, line.length, size)
    return bytesWritten
  } finally {
    await file.close()
  }
}

/** Lines of `{offset, atMs, cols, rows, text}`, `text` being what redraws the screen on a terminal that was reset; what cannot be read is left out. */
export async function* readScreens(path: string): AsyncGenerator<string> {
  const file = await openFile(path, constants.O_RDONLY)
  if (file === undefined) return
  try {
    let held = Buffer.alloc(0)
    for (let at = 0; at < maxScreensBytes;) {
      const chunk = Buffer.allocUnsafeSlow(chunkBytes)
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, at)
      if (bytesRead === 0) return
      at += bytesRead
      held = Buffer.concat([held, chunk.subarray(0, bytesRead)])
      for (let feed = held.indexOf(0x0a); feed !== -1; feed = held.indexOf(0x0a)) {
        const line = screenLine(held.subarray(0, feed))
        held = held.subarray(feed + 1)
        if (line !== undefined) yield line
      }
      // Longer than any line of ours: what is left of it is not JSON either.
      if (held.length > maxLineBytes) held = Buffer.alloc(0)
    }
  } finally {
    await file.close()
  }
}

const Stored = Keyframe.omit({ session: true })

function screenLine(line: Buffer): string | undefined {
  try {
    const { frame, ...place } = Stored.parse(JSON.parse(line.toString('utf8')))
    return `${JSON.stringify({ ...place, text: decompressFrame(Buffer.from(frame, 'base64')).toString('utf8') })}\n`
  } catch (cause) {
    if (cause instanceof Error || isFailure(cause)) return undefined // torn, or not ours
    throw cause
  }
}

// Fetches a recording and reads it line by line while it comes, so that playing begins with the first block.
import { recordingPath } from '#wire/api.ts'
import { readFailure } from '#client/failure-answer.ts'
import type { Recording } from './recording.ts'

/** A line longer than this is none of ours: blocks hold at most 256 KiB of text, which JSON may write six times as long. */
const mostLine = 4 * 1024 * 1024
/** The page draws between two slices of reading. */
const sliceMs = 12

/** Resolves when all of it is there. `onProgress` is called now and then, and at the end. Throws a `Failure`, and what `signal` throws. */
export async function loadRecording(recording: Recording, session: string, signal: AbortSignal, onProgress: () => void): Promise<void> {
  const [cast] = await Promise.all([fetch(recordingPath(session, 'v3'), { credentials: 'same-origin', signal }), loadScreens(recording, session, signal)])
  if (!cast.ok) throw await readFailure(cast)
  await eachLine(cast, signal, (line) => recording.addLine(line), onProgress)
  onProgress()
}

/** There may be none: seeking then begins at the beginning. */
async function loadScreens(recording: Recording, session: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await fetch(`/api/v1/sessions/${encodeURIComponent(session)}/recording/screens`, { credentials: 'same-origin', signal })
    if (answer.ok) await eachLine(answer, signal, (line) => recording.addScreen(line))
  } catch (error) {
    // Without screens everything is played, only slower to seek; that the person left is said by the recording itself.
    if (!signal.aborted && !(error instanceof TypeError)) throw error
  }
}

async function eachLine(answer: Response, signal: AbortSignal, add: (line: string) => void, onProgress?: () => void): Promise<void> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream('utf-8', { ignoreBOM: true })).getReader()
  let held = ''
  let began = performance.now()
  for (;;) {
    const piece = await reader?.read()
    if (signal.aborted) throw signal.reason
    if (!piece || piece.done) break
    const lines = (held + piece.value).split('\n')
    held = lines.pop() ?? ''
    if (held.length > mostLine) held = '!'
    for (const line of lines) {
      add(line.length > mostLine ? '!' : line)
      if (performance.now() - began < sliceMs) continue
      onProgress?.()
      await new Promise((resolve) => setTimeout(resolve))
      began = performance.now()
    }
  }
  if (held !== '') add(held)
}

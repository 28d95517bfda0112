// What the panel below a terminal says of one transfer: one line, and one for each file where there are several. Pure.
import type { FailureCode } from '#domain/failure.ts'
import type { TransferFile, TransferState } from '#domain/terminal-transfer.ts'
import { hostText } from '../parts/format.ts'

export type LineFile = {
  index: number
  name: string
  bytes?: number | undefined
  moved: number
  state: TransferFile['state'] | 'checking' | 'cancelled' | 'clash'
  sha256?: string | undefined
  verified?: TransferFile['verified']
  failure?: FailureCode | undefined
  /** Of the gateway, in English. */
  text?: string | undefined
}
export type Line = {
  id: string
  direction: 'download' | 'upload'
  /** `queue`: over the files' own API, from a drop on the terminal. */
  way: 'sz' | 'rz' | 'trzsz' | 'queue'
  state: 'starting' | 'offered' | 'running' | 'checking' | 'clash' | 'done' | 'failed' | 'cancelled' | 'refused'
  /** The file that it is about now; all of them once it is over. Undefined when no name is known yet. */
  name?: string | undefined
  /** 1 is the first. */
  at: number
  count: number
  moved: number
  bytes?: number | undefined
  bytesPerSecond: number
  secondsLeft?: number | undefined
  /** In seconds until the next try; the line is gone. */
  waitingS?: number | undefined
  files: LineFile[]
  failure?: FailureCode | undefined
  text?: string | undefined
  rule?: string | undefined
  /** In the reader's language: what the page alone knows. */
  note?: string | undefined
}

const shownName = (name: string) => hostText(name, 120)

/** What the gateway says of a card that nobody answered; other cards that are gone need no word. */
const unanswered = 'Nobody answered.'
export const isUnanswered = ({ state, text }: Pick<Line, 'text'> & { state: string }): boolean => state === 'cancelled' && text === unanswered

/** Undefined: its card says it, or there is nothing to say. `answered`: the person said yes, and the gateway has not said so yet. */
export function lineOf(state: TransferState, answered: boolean): Line | undefined {
  if (state.state === 'asked' && !answered) return undefined
  if (state.state === 'cancelled' && state.files.length === 0 && !isUnanswered(state)) return undefined
  const files = state.files.map(fileOf)
  const now = files.find((file) => file.state === 'running') ?? files.find((file) => file.state === 'offered')
  const isRunning = state.state === 'running' || state.state === 'asked'
  const only = files.length === 1 && state.count <= 1 ? files[0] : undefined
  const about = isRunning ? (now ?? files.find((file) => file.state === 'waiting')) : only
  const bytes = state.bytes ?? (state.count <= 1 ? files[0]?.bytes : undefined)
  const moved = Math.max(state.moved, state.count <= 1 ? (files[0]?.moved ?? 0) : 0)
  return {
    id: state.id,
    direction: state.way === 'rz' ? 'upload' : 'download',
    way: state.way,
    state: !isRunning ? overOf(state) : now?.state === 'running' ? 'running' : now ? 'offered' : 'starting',
    name: about?.name,
    at: about ? about.index + 1 : 0,
    count: Math.max(state.count, files.length),
    // Of several of which nobody knows how much they are, the one under way.
    moved: bytes === undefined && about ? about.moved : moved,
    bytes: bytes ?? about?.bytes,
    bytesPerSecond: state.bytesPerSecond,
    ...(isRunning ? { secondsLeft: leftOf(bytes ?? about?.bytes, bytes === undefined && about ? about.moved : moved, state.bytesPerSecond) } : {}),
    files,
    ...{ failure: state.failure, text: state.text, rule: state.rule },
  }
}

const fileOf = ({ index, name, bytes, moved, state, sha256, verified, text }: TransferFile): LineFile => ({
  ...{ index, name: shownName(name), bytes, moved, state, sha256, verified, text },
})

function overOf({ state }: TransferState): Line['state'] {
  return state === 'asked' || state === 'running' ? 'running' : state
}

/** Whole seconds; undefined while nothing moves. */
export function leftOf(bytes: number | undefined, moved: number, bytesPerSecond: number): number | undefined {
  if (bytes === undefined || bytesPerSecond < 1) return undefined
  return Math.ceil(Math.max(0, bytes - moved) / bytesPerSecond)
}

/** 0 to 100; undefined when the end is not known. An empty file is whole. */
export function percentOf({ moved, bytes }: Pick<Line, 'moved' | 'bytes'>): number | undefined {
  if (bytes === undefined) return undefined
  return bytes === 0 ? 100 : Math.min(100, Math.floor((moved / bytes) * 100))
}

export const isLineOver = ({ state }: Pick<Line, 'state'>): boolean => state === 'done' || state === 'failed' || state === 'cancelled' || state === 'refused'

/** Goes away by itself; a failure stays until it was read. */
export const staysMs = ({ state }: Pick<Line, 'state'>): number | undefined => (state === 'done' ? 15_000 : state === 'cancelled' ? 6000 : undefined)

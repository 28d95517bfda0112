// The files of one drop, as the line below a terminal says them. Pure.
import { hostText } from '../parts/format.ts'
import type { UploadItem } from '../files/upload-queue.ts'
import type { Line, LineFile } from './transfer-lines.ts'
import { leftOf } from './transfer-lines.ts'

/** Undefined when nothing of it is left in the queue. `paceOf`: bytes per second of one that runs. */
export function queueLine(id: string, items: readonly UploadItem[], paceOf: (id: number) => number | undefined): Line | undefined {
  if (items.length === 0) return undefined
  const asking = items.findIndex(({ state }) => state === 'asking')
  const running = items.findIndex(({ state }) => state === 'running')
  const waiting = items.findIndex(({ state }) => state === 'queued')
  const failed = items.find(({ state }) => state === 'failed')
  const at = asking !== -1 ? asking : running !== -1 ? running : waiting
  const now = at === -1 ? undefined : items[at]
  const counted = items.filter(({ state }) => state !== 'cancelled' && state !== 'skipped')
  const bytes = counted.reduce((sum, { file }) => sum + file.size, 0)
  const moved = counted.reduce((sum, item) => sum + (item.state === 'done' ? item.file.size : item.moved), 0)
  const speed = items.reduce((sum, item) => sum + (item.state === 'running' ? (paceOf(item.id) ?? 0) : 0), 0)
  const only = items.length === 1 ? items[0] : undefined
  const phase = now?.phase
  return {
    id,
    direction: 'upload',
    way: 'queue',
    state: now
      ? asking !== -1
        ? 'clash'
        : running === -1 || phase === 'starting'
          ? 'starting'
          : phase === 'checking'
            ? 'checking'
            : 'running'
      : overOf(items),
    name: shown((now ?? only ?? failed)?.name),
    at: now ? at + 1 : 0,
    count: items.length,
    moved,
    bytes,
    bytesPerSecond: speed,
    secondsLeft: leftOf(bytes, moved, speed),
    ...(phase === 'waiting' ? { waitingS: Math.ceil((now?.nextInMs ?? 0) / 1000) } : {}),
    files: items.map(fileOf),
    failure: now ? undefined : failed?.failure?.code,
    ...(now || !failed?.failure ? {} : { text: failed.failure.message }),
  }
}

const shown = (name: string | undefined) => (name === undefined ? undefined : hostText(name, 120))

function overOf(items: readonly UploadItem[]): Line['state'] {
  if (items.some(({ state }) => state === 'failed')) return 'failed'
  return items.some(({ state }) => state === 'done') ? 'done' : 'cancelled'
}

const states = { queued: 'waiting', running: 'running', asking: 'clash', done: 'done', failed: 'failed', cancelled: 'cancelled', skipped: 'skipped' } as const

function fileOf(item: UploadItem, index: number): LineFile {
  const { name, file, moved, state, phase, done, failure } = item
  return {
    index,
    name: hostText(name, 120),
    bytes: file.size,
    moved,
    state: state === 'running' && phase === 'checking' ? 'checking' : states[state],
    ...{ sha256: done?.sha256, verified: done?.verified, failure: failure?.code },
  }
}

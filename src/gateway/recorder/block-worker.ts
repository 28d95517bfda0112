// Entry of the recorder's worker thread.
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { BlockMakerLoop } from './block-maker-loop.ts'
import { lookEveryMs, type FromWorker, type ToWorker, type WorkerData } from './worker-messages.ts'

// Of Linux alone it is the thread's and not the process's: whoever types, and the flood itself, go before what can wait in the journal.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const port = parentPort
if (port === null) throw new Error('this file is the entry of a worker thread')

/** Below this a frame is copied out of the buffer that it was compressed into (64 KiB); above it is handed over with the buffer. */
const copyBelowBytes = 16 * 1024

/** What one piece of work has made goes as one message, since each wakes a thread. */
let made: FromWorker[] = []
let buffers: ArrayBuffer[] = []
function make(message: FromWorker): void {
  if (message.type === 'block' && message.frame.byteLength < copyBelowBytes) message = { ...message, frame: Uint8Array.from(message.frame) }
  if (message.type === 'block') buffers.push(message.frame.buffer as ArrayBuffer)
  made.push(message)
}
function post(): void {
  if (made.length > 0) port?.postMessage(made, buffers)
  made = []
  buffers = []
}
const loop = new BlockMakerLoop(workerData as WorkerData, make, () => performance.now())

let works = false
function workSoon(): void {
  if (works) return
  works = true
  // Between two pieces of work messages (room, advanced) are taken.
  setImmediate(() => {
    works = false
    const isMore = loop.work()
    post()
    if (isMore) workSoon()
  })
}

port.on('message', (message: ToWorker) => {
  loop.told(message)
  workSoon()
})
setInterval(() => {
  loop.look()
  post()
  workSoon()
}, lookEveryMs)

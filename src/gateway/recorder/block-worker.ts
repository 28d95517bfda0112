// Entry of the recorder's worker thread.
import { parentPort, workerData } from 'node:worker_threads'
import { BlockMakerLoop } from './block-maker-loop.ts'
import { lookEveryMs, type FromWorker, type ToWorker, type WorkerData } from './worker-messages.ts'

const port = parentPort
if (port === null) throw new Error('this file is the entry of a worker thread')

const post = (message: FromWorker): void => {
  if (message.type !== 'block') return port.postMessage(message)
  // A buffer of its own can be handed over; one from Node's pool cannot, and small ones are cheaper to clone.
  const frame = message.frame.byteLength < 2048 ? message.frame : Uint8Array.from(message.frame)
  port.postMessage({ ...message, frame }, frame === message.frame ? [] : [frame.buffer as ArrayBuffer])
}
const loop = new BlockMakerLoop(workerData as WorkerData, post, () => performance.now())

let works = false
function workSoon(): void {
  if (works) return
  works = true
  // Between two pieces of work messages (room, advanced) are taken.
  setImmediate(() => {
    works = false
    if (loop.work()) workSoon()
  })
}

port.on('message', (message: ToWorker) => {
  loop.told(message)
  workSoon()
})
setInterval(() => {
  loop.look()
  workSoon()
}, lookEveryMs)

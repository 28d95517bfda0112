// Entry of the worker thread that makes screens and reads what the journal holds.
import { parentPort, workerData } from 'node:worker_threads'
import { HistoryReader } from './history-reader.ts'
import type { FromWorker, ToWorker, WorkerData } from './screens-messages.ts'

const port = parentPort
if (port === null) throw new Error('this file is the entry of a worker thread')
const { folder } = workerData as WorkerData
const history = new HistoryReader(folder)

const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

port.on('message', (message: ToWorker) => {
  if (message.type !== 'history') return
  const bytes = history.read(message.ask)
  post({ type: 'history', id: message.id, bytes }, bytes === undefined ? [] : [bytes.buffer])
})

// Entry of the worker thread that makes screens and reads what the journal holds.
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { CpuBudget } from './cpu-budget.ts'
import { HistoryReader } from './history-reader.ts'
import { ScreenMaker } from './screen-maker.ts'
import type { FromWorker, ToWorker, WorkerData } from './screens-messages.ts'

// Of Linux alone it is the thread's and not the process's: whoever types goes before who watches.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const port = parentPort
if (port === null) throw new Error('this file is the entry of a worker thread')
const data = workerData as WorkerData

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
const post = (message: FromWorker): void => {
  // A buffer of its own can be handed over; the text of a frozen terminal is still needed here, and small ones are cheaper to clone.
  if (message.type === 'history' && message.bytes !== undefined) return port.postMessage(message, [message.bytes.buffer])
  port.postMessage(message)
}
const history = new HistoryReader(data.folder)
const maker = new ScreenMaker(data, post, () => performance.now())
const budget = new CpuBudget(cpuMs, () => performance.now())

let timer: NodeJS.Timeout | undefined
let soon: NodeJS.Immediate | undefined
/** Between two slices messages are taken: asks for history are answered there. */
function workSoon(delayMs = 0): void {
  clearTimeout(timer)
  if (delayMs > 0) timer = setTimeout(work, delayMs)
  else soon ??= setImmediate(work)
}

function work(): void {
  soon = undefined
  const { isDemanded } = maker
  const waitMs = budget.waitMs(isDemanded)
  if (waitMs === 0 && (isDemanded ? maker.workOnDemand() : maker.workInBackground())) return workSoon()
  if (waitMs > 0) return workSoon(waitMs)
  // Nobody waits any more: there may be something to follow.
  if (isDemanded && !maker.isDemanded) workSoon()
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'history') return post({ type: 'history', id: message.id, bytes: history.read(message.ask) })
  maker.told(message)
  workSoon()
})
let toldMs = 0
setInterval(() => {
  maker.look()
  workSoon()
  const usedMs = cpuMs()
  if (usedMs - toldMs < 1) return
  toldMs = usedMs
  post({ type: 'used', cpuMs: usedMs })
}, 1000)

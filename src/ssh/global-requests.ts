// Requests of ours that concern the whole connection, RFC 4254 section 4: their answers come in order and carry no name, so one line holds them all.
import type { Carrier } from './carrier.ts'
import { Message } from './connection-messages.ts'
import { sendMessage } from './library.ts'
import { wireString } from './wire-reader.ts'

// The keepalive has three open at most, a person's port forwards a few.
const maxUnanswered = 64

/** `undefined`: refused. Never called when the connection ends first. */
export type Answered = (value: Buffer | undefined) => void
const lines = new WeakMap<Carrier, Answered[]>()

/** Sends a request that wants an answer. False when 64 are unanswered, or the connection is closed: it is not sent then. */
export function askGlobally(carrier: Carrier, name: string, value: Buffer, answered: Answered): boolean {
  const line = lineOf(carrier)
  if (carrier.isClosed || line.length >= maxUnanswered) return false
  line.push(answered)
  sendMessage(carrier.engine, Buffer.concat([Buffer.of(Message.globalRequest), wireString(name), Buffer.of(1), value]))
  return true
}

function lineOf(carrier: Carrier): Answered[] {
  const known = lines.get(carrier)
  if (known) return known
  const line: Answered[] = []
  const answer = (value: Buffer | undefined) => {
    const answered = line.shift()
    if (!answered) return carrier.cut('an answer to a request that was not sent')
    answered(value)
  }
  carrier.handlers.REQUEST_SUCCESS = (_engine, value) => answer(value ?? Buffer.alloc(0))
  carrier.handlers.REQUEST_FAILURE = () => answer(undefined)
  lines.set(carrier, line)
  return line
}

// `ssh enroll@…`: a key that has proven itself waits until somebody who is signed in elsewhere says that it is theirs. Whoever holds the connection is nobody, and can do nothing else.
import { setTimeout as sleep } from 'node:timers/promises'
import { isFailure } from '#domain/failure.ts'
import { blobType, fingerprintOf } from '#ssh/private-key.ts'
import { Channels, OpenRefusal } from '#ssh/channels.ts'
import { printable } from '#ssh/client-transport.ts'
import { DisconnectReason, type ServerTransport } from '#ssh/server-transport.ts'
import type { Enrollment } from './door-sign-in.ts'
import type { DoorWork } from './door-work.ts'
import { wordsFor } from './door-words.ts'
import { SessionChannel } from './session-channel.ts'

const askAgainMs = 1000
/** After its time the client has this long to read what came of it. */
const lingersMs = 10_000

/** One channel, and nothing on it but this. The connection ends with it. To be called in the turn in which the key was accepted. */
export function serveEnrollment(transport: ServerTransport, enrollment: Enrollment, work: Pick<DoorWork, 'link' | 'log'>): void {
  // Whoever holds it may be anybody: it does not stay longer than what it waits for, whether anything runs on it or not.
  const late = setTimeout(() => transport.disconnect(DisconnectReason.byApplication, wordsFor('en').enrollOver), enrollment.minutes * 60_000 + lingersMs)
  transport.gone.addEventListener('abort', () => clearTimeout(late), { once: true })
  const channels = new Channels(transport, { maxChannels: 1 })
  channels.onOpen = (request) => {
    if (request.opening.type !== 'session') return request.refuse(OpenRefusal.prohibited, 'only a key is added here')
    const channel = new SessionChannel(request.accept())
    channel.onRun = () => {
      runEnrollment(channel, enrollment, work).catch((error: unknown) => {
        work.log.error({ err: error }, 'adding a key is given up by a fault of this program')
        channel.close(1)
      })
    }
  }
}

/** Says what to do, waits for it, says what came of it, and closes the channel. Resolves when that is done or the client is gone. */
async function runEnrollment(channel: SessionChannel, enrollment: Enrollment, work: Pick<DoorWork, 'link'>): Promise<void> {
  const words = wordsFor('en')
  const { blob, url, number, minutes, approval } = enrollment
  channel.say(words.enroll(blobType(blob) ?? '', fingerprintOf(blob)))
  channel.say(words.enrollOpen(url, number, minutes))
  const until = performance.now() + minutes * 60_000
  while (!channel.gone.aborted && performance.now() < until) {
    const found = await state(work, approval)
    if (found?.state === 'done') {
      channel.say(words.enrolled(printable(found.username ?? '', 100)))
      return channel.close(0)
    }
    if (found?.state === 'declined') return closed(channel, words.declined)
    if (found?.state === 'over') break
    await sleep(askAgainMs, undefined, { signal: channel.gone }).catch(() => undefined)
  }
  closed(channel, words.enrollOver)
}

function closed(channel: SessionChannel, text: string): void {
  channel.say(text)
  channel.close(1)
}

/** Undefined while control is away: it is asked again. */
async function state(work: Pick<DoorWork, 'link'>, enrollment: string) {
  try {
    return await work.link.ask({ ask: 'enrollment', enrollment })
  } catch (cause) {
    if (!isFailure(cause)) throw cause
    return undefined
  }
}

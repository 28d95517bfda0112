import { beforeEach, describe, expect, it } from 'vitest'
import type { UploadProgress } from '#client/files/upload-file.ts'
import { Failure } from '#domain/failure.ts'
import type { FileDone } from '#wire/files.ts'
import type { NewUpload, UploadItem } from './upload-queue.ts'
import { mostQueued, sumOf, UploadQueue } from './upload-queue.ts'

type Sent = { item: UploadItem; tell: (progress: UploadProgress) => void; done: () => void; fail: (error: unknown) => void; isCancelled: boolean }
let sent: Sent[]
let made: string[]
let arrived: string[]
let queue: UploadQueue

const file = (name: string, bytes = 3) => new File([new Uint8Array(bytes)], name)
const up = (name: string, more: Partial<NewUpload> = {}): NewUpload => ({ file: file(name), folder: '/srv', isNewFolder: false, name, ...more })
const states = () => queue.items.map(({ name, state }) => `${name} ${state}`)
const turn = () => new Promise((resolve) => setTimeout(resolve, 0))
const at = (name: string) => {
  const found = sent.findLast(({ item }) => item.name === name)
  if (!found) throw new Error(`${name} was never sent`)
  return found
}
const exists = () => new Failure('file_exists', 'There is one.')

beforeEach(() => {
  ;[sent, made, arrived] = [[], [], []]
  queue = new UploadQueue({
    send(item, tell) {
      const { promise, resolve, reject } = Promise.withResolvers<FileDone>()
      const one: Sent = {
        item,
        tell,
        done: () => resolve({ path: `${item.folder}/${item.name}`, bytes: item.file.size, sha256: 'a'.repeat(64), verified: 'host' }),
        fail: reject,
        isCancelled: false,
      }
      sent.push(one)
      return {
        whenDone: promise,
        async cancel() {
          one.isCancelled = true
          reject(new DOMException('given up', 'AbortError'))
        },
        hurry() {},
        pause() {},
        goOn() {},
      }
    },
    async makeFolder(folder) {
      made.push(folder)
      if (folder === '/srv/no') throw new Failure('file_denied', 'No.')
    },
    isTaken: (_, name) => name === 'a (2).txt',
    arrived: ({ name }) => void arrived.push(name),
    changed() {},
    now: () => 0,
  })
})

describe('the queue of uploads', () => {
  it('sends two at a time, in their order, and says when each is there', async () => {
    queue.add([up('a'), up('b'), up('c')])
    await turn()
    expect(states()).toEqual(['a running', 'b running', 'c queued'])
    at('b').done()
    await turn()
    expect(states()).toEqual(['a running', 'b done', 'c running'])
    at('a').done()
    at('c').done()
    await turn()
    expect(arrived).toEqual(['b', 'a', 'c'])
    expect(queue.isBusy).toBe(false)
  })

  it('asks about a name that is taken while the others go on', async () => {
    queue.add([up('a.txt'), up('b'), up('c')])
    await turn()
    at('a.txt').fail(exists())
    await turn()
    expect(states()).toEqual(['a.txt asking', 'b running', 'c running'])
    queue.settle(queue.items[0]?.id ?? 0, 'replace', false)
    at('b').done()
    await turn()
    expect(at('a.txt').item.overwrite).toBe(true)
  })

  it('keeps both under the first name that neither the page nor the host knows', async () => {
    queue.add([up('a.txt')])
    await turn()
    at('a.txt').fail(exists())
    await turn()
    queue.settle(queue.items[0]?.id ?? 0, 'both', false)
    await turn()
    // (2) is in the list; the host knows (3) too.
    at('a (3).txt').fail(exists())
    await turn()
    at('a (4).txt').done()
    await turn()
    expect(states()).toEqual(['a (4).txt done'])
    expect(at('a (4).txt').item.overwrite).toBe(false)
  })

  it('is answered once for all, also for those that come to it later; a new drop is asked anew', async () => {
    queue.add([up('a'), up('b'), up('c')])
    await turn()
    at('a').fail(exists())
    await turn()
    queue.settle(queue.items[0]?.id ?? 0, 'skip', true)
    at('b').fail(exists())
    at('c').fail(exists())
    await turn()
    expect(states()).toEqual(['a skipped', 'b skipped', 'c skipped'])
    queue.add([up('d')])
    await turn()
    at('d').fail(exists())
    await turn()
    expect(states().at(-1)).toBe('d asking')
  })

  it('cancels what runs and what waits, and tries again from where the host has it', async () => {
    queue.add([up('a'), up('b'), up('c')])
    await turn()
    queue.cancel(queue.items[0]?.id ?? 0)
    await turn()
    expect(at('a').isCancelled).toBe(true)
    expect(states()).toEqual(['a cancelled', 'b running', 'c running'])
    queue.retry(queue.items[0]?.id ?? 0)
    at('b').fail(new Failure('host_disk_full', 'Full.'))
    await turn()
    expect(states()).toEqual(['a running', 'b failed', 'c running'])
    at('a').tell({ phase: 'sending', moved: 2, bytes: 3 })
    expect(queue.items[0]).toMatchObject({ foundBytes: 2, moved: 2 })
    queue.retryFailed()
    expect(states()[1]).toBe('b queued')
    queue.cancelAll()
    await turn()
    expect(queue.isBusy).toBe(false)
  })

  it('is not begun when it is cancelled while its folder is made', async () => {
    queue.add([up('a', { folder: '/srv/new', isNewFolder: true })])
    queue.cancel(queue.items[0]?.id ?? 0)
    await turn()
    expect(made).toEqual(['/srv/new'])
    expect(sent).toEqual([])
    expect(states()).toEqual(['a cancelled'])
  })

  it('makes each folder once, and fails the files of one that cannot be made', async () => {
    queue.add([
      up('a', { folder: '/srv/x', isNewFolder: true }),
      up('b', { folder: '/srv/x', isNewFolder: true }),
      up('c', { folder: '/srv/no', isNewFolder: true }),
    ])
    await turn()
    at('a').done()
    at('b').done()
    await turn()
    expect(made).toEqual(['/srv/x', '/srv/no'])
    expect(queue.items[2]).toMatchObject({ state: 'failed', failure: { code: 'file_denied' } })
  })

  it('shows what rules deny as failed without asking anybody, and takes no more than it says', async () => {
    queue.add([up('a', { failure: new Failure('file_refused', 'No.') })])
    await turn()
    expect(states()).toEqual(['a failed'])
    expect(sent).toEqual([])
    const one = up('x')
    expect(queue.add(Array.from({ length: mostQueued + 5 }, () => one))).toBe(mostQueued)
  })

  it('counts what is to come and what is there', async () => {
    queue.add([up('a', { file: file('a', 100) }), up('b', { file: file('b', 50) }), up('c')])
    await turn()
    at('b').tell({ phase: 'sending', moved: 20, bytes: 50 })
    at('a').done()
    await turn()
    expect(sumOf(queue.items)).toEqual({ count: 3, over: 1, failed: 0, asking: 0, bytes: 153, moved: 120 })
  })
})

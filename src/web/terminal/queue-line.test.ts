import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import type { UploadItem } from '../files/upload-queue.ts'
import { queueLine } from './queue-line.ts'

const item = (id: number, state: UploadItem['state'], more: Partial<UploadItem> = {}): UploadItem => ({
  ...{ id, file: new File(['x'.repeat(100)], `f${id}`), folder: '/srv', isNewFolder: false, name: `f${id}`, state, moved: 0, overwrite: false },
  ...more,
})
const line = (...items: UploadItem[]) => queueLine('q', items, () => 50)

describe('the line of files that were dropped', () => {
  it('is about the one under way, and counts all', () => {
    expect(line(item(1, 'done'), item(2, 'running', { phase: 'sending', moved: 40 }), item(3, 'queued'))).toMatchObject({
      ...{ state: 'running', name: 'f2', at: 2, count: 3, moved: 140, bytes: 300, bytesPerSecond: 50, secondsLeft: 4 },
    })
    expect(line(item(1, 'running', { phase: 'checking', moved: 100 }))?.state).toBe('checking')
    expect(line(item(1, 'running', { phase: 'waiting', nextInMs: 1500 }))?.waitingS).toBe(2)
    expect(line()).toBeUndefined()
  })
  it('asks about a name that is taken before anything else', () => {
    expect(line(item(1, 'running', { phase: 'sending' }), item(2, 'asking'))).toMatchObject({ state: 'clash', name: 'f2' })
  })
  it('failed when one did, and was cancelled when nothing arrived', () => {
    const failure = new Failure('host_disk_full', 'full')
    expect(line(item(1, 'done'), item(2, 'failed', { failure }))).toMatchObject({ state: 'failed', name: 'f2', failure: 'host_disk_full' })
    expect(line(item(1, 'cancelled'), item(2, 'skipped'))?.state).toBe('cancelled')
    expect(line(item(1, 'done'), item(2, 'skipped'))?.state).toBe('done')
  })
  it('says what the host has', () => {
    const done = { path: '/srv/f1', bytes: 100, sha256: 'ab', verified: 'host' as const }
    expect(line(item(1, 'done', { done }))).toMatchObject({ name: 'f1', files: [{ state: 'done', sha256: 'ab', verified: 'host' }] })
  })
})

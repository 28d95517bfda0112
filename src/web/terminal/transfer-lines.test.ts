import { describe, expect, it } from 'vitest'
import type { TransferFile, TransferState } from '#domain/terminal-transfer.ts'
import { leftOf, lineOf, percentOf, staysMs } from './transfer-lines.ts'

const file = (index: number, state: TransferFile['state'], more: Partial<TransferFile> = {}): TransferFile => ({
  ...{ index, name: `f${index}`, bytes: 1000, moved: 0, state },
  ...more,
})
const transfer = (state: TransferState['state'], more: Partial<TransferState> = {}): TransferState => ({
  ...{ id: '0'.repeat(24), way: 'sz', state, files: [], count: 0, moved: 0, bytesPerSecond: 0 },
  ...more,
})

describe('the line of a transfer', () => {
  it('is none while its card asks, and one that starts when it was answered', () => {
    expect(lineOf(transfer('asked'), false)).toBeUndefined()
    expect(lineOf(transfer('asked'), true)).toMatchObject({ state: 'starting', direction: 'download', at: 0, bytes: undefined })
  })
  it('is none for a card that was declined or taken back, and one for a card that nobody answered', () => {
    expect(lineOf(transfer('cancelled', { text: 'The transfer was declined.' }), false)).toBeUndefined()
    expect(lineOf(transfer('cancelled', { text: 'Nobody answered.' }), false)).toMatchObject({ state: 'cancelled' })
    expect(lineOf(transfer('cancelled', { files: [file(0, 'failed')], count: 1 }), true)).toMatchObject({ state: 'cancelled', name: 'f0' })
  })
  it('is about the file that moves, with what is known of all', () => {
    const files = [file(0, 'done', { moved: 1000 }), file(1, 'running', { moved: 250 }), file(2, 'waiting')]
    expect(lineOf(transfer('running', { files, count: 3, moved: 1250, bytes: 3000, bytesPerSecond: 500 }), true)).toMatchObject({
      ...{ state: 'running', name: 'f1', at: 2, count: 3, moved: 1250, bytes: 3000, secondsLeft: 4 },
    })
    // Nobody said how much it is in all: the file's own progress.
    expect(lineOf(transfer('running', { files, count: 3, moved: 1250, bytesPerSecond: 500 }), true)).toMatchObject({ moved: 250, bytes: 1000, secondsLeft: 2 })
  })
  it('waits for a click when the host offers the next file', () => {
    const files = [file(0, 'done', { moved: 1000 }), file(1, 'offered')]
    expect(lineOf(transfer('running', { files, count: 2 }), true)).toMatchObject({ state: 'offered', name: 'f1', at: 2 })
  })
  it('names the one file, or how many there were, once it is over', () => {
    const one = [file(0, 'done', { moved: 1000, sha256: 'ab', verified: 'protocol' })]
    expect(lineOf(transfer('done', { files: one, count: 1, moved: 1000 }), true)).toMatchObject({ state: 'done', name: 'f0', bytes: 1000 })
    expect(lineOf(transfer('done', { files: [...one, file(1, 'skipped')], count: 2, moved: 1000 }), true)).toMatchObject({ name: undefined, count: 2 })
    expect(lineOf(transfer('refused', { failure: 'file_refused', rule: 'ops' }), false)).toMatchObject({ state: 'refused', rule: 'ops' })
  })
  it('shows names of hosts without what would rearrange the page', () => {
    const files = [file(0, 'running', { name: 'a\u202efdp.exe' })]
    expect(lineOf(transfer('running', { files, count: 1 }), true)?.name).toBe('afdp.exe')
  })
  it('says no time and no share that nobody knows', () => {
    expect(leftOf(undefined, 5, 10)).toBeUndefined()
    expect(leftOf(10, 5, 0)).toBeUndefined()
    expect(leftOf(10, 20, 5)).toBe(0)
    expect(percentOf({ moved: 5, bytes: undefined })).toBeUndefined()
    expect(percentOf({ moved: 0, bytes: 0 })).toBe(100)
    expect(percentOf({ moved: 999, bytes: 1000 })).toBe(99)
    expect(percentOf({ moved: 2000, bytes: 1000 })).toBe(100)
  })
  it('stays when it failed', () => {
    expect(staysMs({ state: 'failed' })).toBeUndefined()
    expect(staysMs({ state: 'refused' })).toBeUndefined()
    expect(staysMs({ state: 'cancelled' })).toBeLessThan(staysMs({ state: 'done' }) ?? 0)
  })
})

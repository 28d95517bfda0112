import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { DiskWatch, roomOf, type DiskRoom, type DiskState } from './disk-watch.ts'

const disk = 1024 ** 3

function watched() {
  let room: DiskRoom | Error = { diskBytes: disk, freeBytes: disk, usedShare: 0 }
  const changes: [DiskState, DiskState][] = []
  const events: string[] = []
  const watch = new DiskWatch({
    folder: '/',
    reserve: undefined,
    warnAt: 0.85,
    refuseAt: 0.95,
    onChange: (state, before) => Promise.resolve(void changes.push([before, state])),
    log: (_level, event) => void events.push(event),
    room: () => (room instanceof Error ? Promise.reject(room) : Promise.resolve(room)),
  })
  return {
    watch,
    changes,
    events,
    async at(share: number | Error) {
      room = share instanceof Error ? share : { diskBytes: disk, freeBytes: disk * (1 - share), usedShare: share }
      await watch.look()
      return watch.state
    },
  }
}

describe('the watch over the disk', () => {
  it('warns, refuses in words, and gets better below the marks, saying each change once', async () => {
    const { at, watch, changes } = watched()
    expect(await at(0.849)).toBe('ok')
    expect(watch.refusing).toBeUndefined()
    expect(await at(0.85)).toBe('warning')
    expect(await at(0.951)).toBe('refusing')
    expect(watch.refusing).toContain('95 % full')
    expect(await at(0.949)).toBe('refusing')
    expect(await at(0.939)).toBe('warning')
    expect(watch.refusing).toBeUndefined()
    expect(await at(0.845)).toBe('warning')
    expect(await at(0.83)).toBe('ok')
    expect(await at(0.99)).toBe('refusing')
    expect(changes).toEqual([
      ['ok', 'warning'],
      ['warning', 'refusing'],
      ['refusing', 'warning'],
      ['warning', 'ok'],
      ['ok', 'refusing'],
    ])
  })

  it('lets recordings wait only when next to nothing is left', async () => {
    const { at, watch } = watched()
    await at(0.99)
    expect(watch.isLow).toBe(false)
    await at(0.999)
    expect(watch.isLow).toBe(true)
    await at(0.5)
    expect(watch.isLow).toBe(false)
  })

  it('keeps what it knew when it cannot look', async () => {
    const { at, watch, events } = watched()
    await at(0.96)
    await at(new Error('statfs failed'))
    expect(watch.state).toBe('refusing')
    expect(events).toEqual(['disk.look_failed'])
  })

  it('counts as df does', async () => {
    const { usedShare, diskBytes } = await roomOf(tmpdir())
    const [size, percent] =
      execFileSync('df', ['-B1', '--output=size,pcent', tmpdir()], { encoding: 'utf8' }).trim().split('\n').at(-1)?.trim().split(/\s+/) ?? []
    expect(diskBytes).toBe(Number(size))
    expect(Math.abs(usedShare * 100 - Number(percent?.replace('%', '')))).toBeLessThan(2)
  })
})

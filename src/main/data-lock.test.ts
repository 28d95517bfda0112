import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockData } from './data-lock.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-lock-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const sleeper = () => {
  const child = spawn('sleep', ['60'])
  children.push(child)
  return child
}

test('a second one is refused and told the process that serves', async () => {
  const lock = await lockData(folder)
  await expect(lockData(folder)).rejects.toThrow(`another sallyport (process ${process.pid}) serves this data folder`)
  lock.release()
  const again = await lockData(folder)
  again.release()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
})

test('a lock of a process that is gone, or whose number another has now, is taken over', async () => {
  for (const began of ['1', '']) {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ supervisor: { pid: process.pid, began }, children: [] }))
    const lock = await lockData(folder)
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toContain(`"pid":${process.pid}`)
    lock.release()
  }
  writeFileSync(join(folder, 'lock'), '{"supervis')
  const lock = await lockData(folder)
  lock.release()
})

test('waits for the children of a supervisor that was killed', async () => {
  const child = sleeper()
  const lock = await lockData(folder)
  lock.setChildren([child.pid ?? 0])
  const held = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))
  writeFileSync(join(folder, 'lock'), JSON.stringify({ ...held, supervisor: { pid: process.pid, began: 'another time' } }))
  let isLocked = false
  const waiting = lockData(folder).then((taken) => {
    isLocked = true
    return taken
  })
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(isLocked).toBe(false)
  child.kill('SIGKILL')
  const taken = await waiting
  taken.release()
})

test('of many at once exactly one gets it', async () => {
  writeFileSync(join(folder, 'lock'), JSON.stringify({ supervisor: { pid: process.pid, began: '1' }, children: [] }))
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockData(folder)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

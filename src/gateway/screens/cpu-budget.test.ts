import { expect, test } from 'vitest'
import { CpuBudget } from './cpu-budget.ts'

/** Works whenever it may, 2 ms at a time; answers how much of a minute that was. */
function worked(isDemanded: boolean): number {
  let [cpu, now] = [0, 0]
  const budget = new CpuBudget(
    () => cpu,
    () => now,
  )
  while (now < 60_000) {
    const waitMs = budget.waitMs(isDemanded)
    if (waitMs === 0) cpu += 2
    now += waitMs === 0 ? 2 : waitMs
  }
  return cpu
}

test('gives a quarter of a core, and a second more to those who ask', () => {
  expect(worked(false)).toBeGreaterThan(14_900)
  expect(worked(false)).toBeLessThan(15_150)
  expect(worked(true)).toBeGreaterThan(15_900)
  expect(worked(true)).toBeLessThan(16_100)
})

test('keeps what is saved for those who ask, whatever the background would do', () => {
  let [cpu, now] = [0, 0]
  const budget = new CpuBudget(
    () => cpu,
    () => now,
  )
  for (; now < 10_000; now += 2) if (budget.waitMs(false) === 0) cpu += 2
  const before = cpu
  while (budget.waitMs(true) === 0 && cpu - before < 10_000) {
    cpu += 2
    now += 2
  }
  expect(cpu - before).toBeGreaterThan(900)
  expect(cpu - before).toBeLessThan(1500)
})

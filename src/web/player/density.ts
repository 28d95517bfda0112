// How much was shown when: the strip over the timeline.
import type { Recording } from './recording.ts'

/** `count` heights from 0 to 1. By the logarithm: a flood must not make a keystroke invisible. */
export function density(recording: Recording, count: number): number[] {
  const bytes = Array.from({ length: count }, () => 0)
  if (recording.durationMs <= 0) return bytes
  for (const { atMs, text } of recording.frames) {
    const place = Math.min(count - 1, Math.floor((atMs / recording.durationMs) * count))
    bytes[place] = (bytes[place] ?? 0) + (text?.length ?? 0)
  }
  const heights = bytes.map((sum) => Math.log2(1 + sum))
  const most = Math.max(...heights, 1)
  return heights.map((height) => height / most)
}

/** An area under the heights, in a box of `count` by 1. */
export function densityPath(heights: readonly number[]): string {
  const tops = heights.map((height, index) => `L${index} ${(1 - height).toFixed(3)}L${index + 1} ${(1 - height).toFixed(3)}`)
  return `M0 1${tops.join('')}L${heights.length} 1Z`
}

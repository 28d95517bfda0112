// Sizes of files as people write them: decimal units, exactly. Pure.
export const sizeUnits = ['B', 'kB', 'MB', 'GB'] as const
export type SizeUnit = (typeof sizeUnits)[number]
export type TypedSize = { typed: string; unit: SizeUnit }
const bytesIn: Record<SizeUnit, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }

/** 1500000 is 1500 kB: the largest unit without a rest. Empty for none. */
export function sizeOf(bytes: number | undefined): TypedSize {
  if (bytes === undefined) return { typed: '', unit: 'MB' }
  const unit = sizeUnits.toReversed().find((one) => bytes % bytesIn[one] === 0) ?? 'B'
  return { typed: String(bytes / bytesIn[unit]), unit: bytes === 0 ? 'B' : unit }
}

/** Undefined when what was typed is no whole number above zero, or more than can be counted. */
export function readSize({ typed, unit }: TypedSize): number | undefined {
  const bytes = /^[1-9]\d{0,15}$/.test(typed.trim()) ? Number(typed.trim()) * bytesIn[unit] : NaN
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** `1500 kB`, with nothing rounded away. */
export function sizeWords(bytes: number): string {
  const { typed, unit } = sizeOf(bytes)
  return `${typed} ${unit}`
}

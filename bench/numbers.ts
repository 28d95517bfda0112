export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
/** Of the straight line that fits the points best (least squares). */
export function slope(points: readonly { x: number; y: number }[]): number {
  const mean = (of: 'x' | 'y') => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [x, y] = [mean('x'), mean('y')]
  return points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
}
export const median = (values: readonly number[]) => quantile(values, 0.5)

/** `better` says which way a value improves; `hold` is the number to hold, where an issue has set one, `of` what it is a number of (default: the ratio). */
export type Line = {
  name: string
  unit: string
  sallyport: number
  openssh: number
  better: 'higher' | 'lower'
  hold?: number | undefined
  of?: 'ratio' | 'sallyport'
  note?: string
}

export const ratio = (line: Line) => line.sallyport / line.openssh

/** Worse than the number to hold by more than 15 %, the noise that five pairs leave on a shared machine. */
export function isBroken(line: Line): boolean {
  if (line.hold === undefined) return false
  const value = line.of === 'sallyport' ? line.sallyport : ratio(line)
  // Written so that what could not be measured (NaN) does not pass.
  return line.better === 'higher' ? !(value >= line.hold / 1.15) : !(value <= line.hold * 1.15)
}

/** A sentence for each line that is worse than its number; empty when none is. */
export function brokenText(lines: readonly Line[]): string {
  return lines
    .filter(isBroken)
    .map((line) => {
      const value = line.of === 'sallyport' ? `${shown(line.sallyport)} ${line.unit}` : `${shown(ratio(line))} × OpenSSH`
      return `\n${line.name} is worse than its number by more than 15 %: ${value}, to hold ${sign(line)} ${line.hold}\n`
    })
    .join('')
}

/** Runs A and B in turn, so that drift of the machine's speed meets both, and keeps the pairs. */
export async function pairs<Value>(count: number, a: () => Promise<Value>, b: () => Promise<Value>): Promise<{ a: Value[]; b: Value[] }> {
  const taken = { a: [] as Value[], b: [] as Value[] }
  for (let round = 0; round < count; round += 1) {
    taken.a.push(await a())
    taken.b.push(await b())
  }
  return taken
}

const sign = (line: Line) => (line.better === 'higher' ? '≥' : '≤')
const shown = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(3))

export function table(lines: readonly Line[]): string {
  const rows = [
    ['measure', 'Sallyport', 'OpenSSH', 'ratio', 'to hold', ''],
    ...lines.map((line) => [
      line.name,
      `${shown(line.sallyport)} ${line.unit}`,
      Number.isNaN(line.openssh) ? '-' : `${shown(line.openssh)} ${line.unit}`,
      Number.isNaN(line.openssh) ? '-' : shown(ratio(line)),
      line.hold === undefined ? '-' : `${sign(line)} ${line.hold}${line.of === 'sallyport' ? ` ${line.unit}` : ' ×'}`,
      isBroken(line) ? 'WORSE' : (line.note ?? ''),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

// Which rows of a long list are drawn: those that are seen and a few around them. Pure. Rows are all alike in height, so no library is needed to know where each stands.

/** Drawn above and below what is seen, so that a quick turn of the wheel meets rows. */
const around = 12
/** Browsers lose whole pixels in boxes higher than some 16 million. */
const mostPixels = 12_000_000

export type RowWindow = { from: number; to: number; /** Of all rows. */ height: number }
export function rowWindow(count: number, rowHeight: number, scrolled: number, seen: number): RowWindow {
  const first = Math.floor(scrolled / rowHeight)
  return {
    from: Math.max(0, Math.min(first, count) - around),
    to: Math.min(count, first + Math.ceil(seen / rowHeight) + around),
    height: Math.min(count * rowHeight, mostPixels),
  }
}

/** Where to scroll so that the row is seen; undefined when it is. */
export function scrollToRow(row: number, rowHeight: number, scrolled: number, seen: number): number | undefined {
  const top = row * rowHeight
  if (top < scrolled) return top
  return top + rowHeight > scrolled + seen ? top + rowHeight - seen : undefined
}

export type Columns = { size: boolean; changed: boolean; mode: boolean; owner: boolean; isTight: boolean }
/** What there is room for. Below the least a row has two lines. */
export const columnsFor = (width: number): Columns => ({
  size: width >= 380,
  changed: width >= 460,
  mode: width >= 530,
  owner: width >= 640,
  isTight: width < 460,
})
export const rowHeightOf = ({ isTight }: Columns, isTouch: boolean): number => (isTight ? 50 : isTouch ? 42 : 32)

// What a page says of its list.

export type Column<Row> = {
  key: string
  label: string
  show: (row: Row) => React.ReactNode
  /** The API's name of the column when it can be sorted by. */
  sort?: string
  /** On a phone: the head of the card, one of its lines (the usual), the row of buttons, or not at all. */
  phone?: 'head' | 'line' | 'acts' | 'none'
  align?: 'right'
  width?: number | string
  /** Always shown: the person cannot take it away. */
  fixed?: boolean
  /** Not shown until the person asks for it. */
  hidden?: boolean
}

/** Rows that are chosen for an act on many. The page keeps them; ids that left the list stay chosen until the page drops them. */
export type Selection<Row> = {
  selected: ReadonlySet<string>
  onSelect: (selected: ReadonlySet<string>) => void
  /** What the row is called, for its checkbox. */
  name: (row: Row) => string
  may?: (row: Row) => boolean
}

/** What the parts of a list share. */
export type ListShape<Row> = {
  label: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string
  marked: string | undefined
  selection: Selection<Row> | undefined
  onOpen: ((row: Row) => void) | undefined
}

// What a list shows is in the address: search, sort, page, size. Pure; what does not fit is left out, so an old or mistyped address still opens.
export type ListSearch = { q?: string; sort?: string; page?: number; size?: number }

export const pageSizes = [20, 50, 100, 200] as const
export const usualSize = 50

const whole = (value: unknown): number | undefined => {
  const number = Number(value)
  return Number.isInteger(number) && number > 0 && number <= 1_000_000 ? number : undefined
}

export function readListSearch(search: Record<string, unknown>, columns: readonly string[]): ListSearch {
  const { q, sort } = search
  const page = whole(search['page'])
  const size = whole(search['size'])
  return {
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {}),
    ...(typeof sort === 'string' && columns.includes(sort.replace(/^-/, '')) ? { sort } : {}),
    ...(page !== undefined && page > 1 ? { page } : {}),
    ...(size !== undefined && size !== usualSize && (pageSizes as readonly number[]).includes(size) ? { size } : {}),
  }
}

/** Click by click: ascending, descending, as the list usually is. By the column that the list is usually sorted by, up and down in turn. */
export function nextSort(sort: string | undefined, column: string, usual?: string): string | undefined {
  const present = sort ?? usual
  const wanted = present === column ? `-${column}` : present !== `-${column}` || usual?.replace(/^-/, '') === column ? column : undefined
  return wanted === usual ? undefined : wanted
}

/** `x to y of n`; nothing when there is nothing. */
export function shownRange(page: number, size: number, items: number, total: number): { from: number; to: number } | undefined {
  if (items === 0 || total === 0) return undefined
  const from = (page - 1) * size + 1
  return { from, to: from + items - 1 }
}

/** Every value is text: `?q=007` stays `007`. */
export function parseSearch(text: string): Record<string, unknown> {
  return Object.fromEntries(new URLSearchParams(text))
}
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) if (typeof value === 'string' ? value !== '' : typeof value === 'number') params.set(key, String(value))
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** Where to go after signing in: a path of this page and nothing else. */
export function safeNext(next: unknown): string {
  // `//host` and `/\host` leave the site, so does anything with a scheme.
  return typeof next === 'string' && /^\/(?![/\\])[^\\\s]*$/.test(next) && !next.startsWith('/sign-in') ? next : '/hosts'
}

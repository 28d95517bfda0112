// The order in which people expect names: without case, and numbers by what they count.

/** Text whose plain order is that one: `web2` before `web10` before `Web20`; numbers of up to 12 digits. */
export const countingKey = (text: string): string => text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))

export type Value = string | number | null

/** Sorts in place by value, then by name whatever the direction, then by id. What has no value comes last in both directions. Texts among the values are counting keys. */
export function sortRows<Kept extends { id: string; value: Value; name: string }>(rows: Kept[], direction: 1 | -1): Kept[] {
  return rows.sort((left, right) => {
    if (left.value !== right.value) {
      if (left.value === null) return 1
      if (right.value === null) return -1
      return left.value < right.value ? -direction : direction
    }
    return plain(left.name, right.name) || plain(left.id, right.id)
  })
}

const plain = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)

/** `-name` is `name` the other way round. */
export function readSort<Column extends string>(sort: Column | `-${Column}`): [Column, 1 | -1] {
  return sort.startsWith('-') ? [sort.slice(1) as Column, -1] : [sort as Column, 1]
}

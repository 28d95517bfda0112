// What every list of the API has in common.
import { z } from 'zod'

export const Id = z.strictObject({ id: z.string().max(60) })
export const Time = z.iso.datetime()

/** Query of every list. `sort` is a column, with `-` before it for descending; unknown ones get 400 naming the field. */
export const listQuery = <const Column extends string>(columns: readonly [Column, ...Column[]]) =>
  z.strictObject({
    q: z.string().max(200).optional(),
    sort: z.enum([...columns, ...columns.map((column) => `-${column}` as const)] as [Column | `-${Column}`]).optional(),
    page: z.coerce.number().int().min(1).max(1_000_000).default(1),
    size: z.coerce.number().int().min(1).max(200).default(50),
  })
/** `total`: what matches; `of`: all that the asker may see. */
export const listOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), total: z.number(), of: z.number() })

// What cannot be brought about from outside in a moment is written beside the running product, into its SQLite.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Product } from './product.ts'

/** One transaction; rolled back when `change` throws. */
export function changeRows(product: Product, change: (database: DatabaseSync) => void): void {
  const file = readdirSync(product.data, { recursive: true, encoding: 'utf8' }).find((one) => path.basename(one) === 'sallyport.db')
  if (file === undefined) throw new Error('the product keeps no sallyport.db')
  const database = new DatabaseSync(path.join(product.data, file))
  try {
    database.exec('pragma busy_timeout = 10000')
    database.exec('begin immediate')
    change(database)
    database.exec('commit')
  } finally {
    database.close()
  }
}

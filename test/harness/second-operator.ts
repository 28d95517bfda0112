// Another person at a product, until operators can be made from outside: written beside the first, with the same password.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { base32 } from '#domain/id.ts'
import type { Role } from '#domain/operator.ts'
import { randomBytes } from 'node:crypto'
import type { ApiClient } from './api-client.ts'
import type { Product } from './product.ts'

/** Only with SQLite, and after the claim. Answers the signed-in client. */
export async function addOperator(product: Product, username: string, name: string, role: Role, mayWatch = false): Promise<ApiClient> {
  const file = readdirSync(product.data, { recursive: true, encoding: 'utf8' }).find((one) => path.basename(one) === 'sallyport.db')
  if (file === undefined) throw new Error('the product keeps no sallyport.db')
  const database = new DatabaseSync(path.join(product.data, file))
  try {
    database.exec('pragma busy_timeout = 10000')
    const id = `op_${base32(randomBytes(15))}`
    const insert = `insert into operators (id, username, name, role, "mayWatch", enabled, "passwordHash", "createdAt")
      select ?, ?, ?, ?, ?, 1, "passwordHash", "createdAt" from operators limit 1`
    database.prepare(insert).run(id, username, name, role, mayWatch ? 1 : 0)
    // As the first administrator is: by the group that was made with them.
    if (role === 'admin') database.prepare(`insert into "groupMembers" ("groupId", "operatorId") select id, ? from groups where name = 'administrators'`).run(id)
  } finally {
    database.close()
  }
  return product.signIn(username)
}

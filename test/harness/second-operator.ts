// Another person at a product, as an administrator makes them: with a first password, which they change at their first sign-in to the one that all testers have.
import type { ApiClient } from './api-client.ts'
import type { Role } from '#domain/operator.ts'
import { type Product, testOperator } from './product.ts'

const firstPassword = 'the first one is for once'

/** After the claim, of which `testOperator` is the administrator. An administrator is put into the group of administrators. Answers the signed-in client. */
export async function addOperator(product: Product, username: string, name: string, role: Role, mayWatch = false): Promise<ApiClient> {
  const admin = await product.signIn()
  const { items } = await admin.call<{ items: { id: string; name: string }[] }>('GET', '/groups')
  const groups = role === 'admin' ? items.filter((group) => group.name === 'administrators').map(({ id }) => id) : []
  await admin.call('POST', '/operators', { username, name, role, mayWatch, groups, password: firstPassword })
  await admin.signOut()
  const api = product.api()
  const { operator } = await api.call<{ operator?: unknown }>('POST', '/sign-in', { username, password: firstPassword, newPassword: testOperator.password })
  if (operator === undefined) throw new Error(`${username} is not signed in`)
  return api
}

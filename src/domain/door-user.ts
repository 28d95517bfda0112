// The user name at the SSH door: who signs in, and where they want to go.
import { AccountName, AssetName } from './asset.ts'
import { OperatorName } from './operator.ts'

/** `verb`: `enroll` takes the offered key instead of signing anybody in. */
export type DoorUser = { operator: string; account?: string; asset?: string } | { verb: 'enroll' }

/**
 * Reads `alice`, `alice+web1`, `alice+root+web1`, and the same with `:` for `+`, which only ssh itself takes; `enroll`. Undefined for anything else. Names hold none of the two, so that
 * there is one way to split them.
 */
export function readDoorUser(text: string): DoorUser | undefined {
  if (text.length > 300) return undefined
  if (text === 'enroll') return { verb: 'enroll' }
  const parts = text.split(text.includes('+') ? '+' : ':')
  const [first = '', ...rest] = parts
  const operator = OperatorName.safeParse(first)
  if (!operator.success || rest.length > 2) return undefined
  if (rest.length === 0) return { operator: operator.data }
  const asset = AssetName.safeParse(rest.at(-1))
  const account = rest.length === 2 ? AccountName.safeParse(rest[0]) : undefined
  if (!asset.success || account?.success === false) return undefined
  return { operator: operator.data, asset: asset.data, ...(account ? { account: account.data } : {}) }
}

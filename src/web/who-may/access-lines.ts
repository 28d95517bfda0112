// Answers for one account each, gathered by host or by person. Pure.
import type { ExplainItem } from '#wire/api/access.ts'

export type AccessLine = Pick<ExplainItem, 'operator' | 'asset' | 'grants' | 'duties' | 'endsAt'> & {
  key: string
  name: string
  accounts: string[]
  /** They may once they sign in with one. */
  secondFactor: boolean
}

/** Accounts that are reached by the same grants stand in one line; lines keep the order of the answer. */
export function linesOf(items: readonly ExplainItem[], kind: 'person' | 'host'): AccessLine[] {
  const lines = new Map<string, AccessLine>()
  for (const { operator, asset, account, permitted, refusal, grants, duties, endsAt } of items) {
    if (!permitted && refusal !== 'second_factor_needed') continue
    const about = kind === 'person' ? asset : operator
    const key = [about.id, ...grants.map(({ id }) => id).toSorted(), String(permitted), endsAt ?? ''].join(' ')
    const known = lines.get(key)
    if (known) known.accounts.push(account)
    else
      lines.set(key, {
        ...{ key, name: about.name, operator, asset, grants, accounts: [account], secondFactor: !permitted },
        ...(duties === undefined ? {} : { duties }),
        ...(endsAt === undefined ? {} : { endsAt }),
      })
  }
  return [...lines.values()]
}

// Which account each host was last connected with: the server knows of every browser, this one of what was tried here. Pure but for the functions at the end that ask localStorage.
import type { AccountView, AssetView } from '#wire/api/assets.ts'

const storageKey = 'sallyport.lastAccounts'
/** Beyond this the host that was used longest ago is forgotten: a few kilobytes, read on every page of hosts. */
export const mostRemembered = 500

/** What is kept, newest last; anything that is not a list of pairs of words counts as nothing. */
export function readAccounts(kept: string | null): Map<string, string> {
  try {
    const parsed: unknown = JSON.parse(kept ?? '[]')
    if (!Array.isArray(parsed)) return new Map()
    const pairs = parsed.filter((pair): pair is [string, string] => Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string')
    return new Map(pairs.slice(-mostRemembered))
  } catch {
    return new Map() // written by something else
  }
}

export function withAccount(accounts: ReadonlyMap<string, string>, asset: string, account: string): string {
  const next = new Map(accounts)
  next.delete(asset)
  next.set(asset, account)
  return JSON.stringify([...next].slice(-mostRemembered))
}

/** The last used of these accounts, else the first; undefined when there is none. */
export function preferredAccount<Account extends { username: string }>(last: string | undefined, accounts: readonly Account[]): Account | undefined {
  return accounts.find(({ username }) => username === last) ?? accounts[0]
}

export const lastAccount = (asset: string): string | undefined => readAccounts(localStorage.getItem(storageKey)).get(asset)
/** The account that Connect takes: the one this person used last anywhere, else last here, else the first; undefined when there is none. */
export function connectAccount(host: Pick<AssetView, 'id' | 'accounts' | 'mine'>): AccountView | undefined {
  const used = host.mine?.account
  return host.accounts.find(({ id, username }) => username === used || id === used) ?? preferredAccount(lastAccount(host.id), host.accounts)
}
export function rememberAccount(asset: string, account: string): void {
  try {
    localStorage.setItem(storageKey, withAccount(readAccounts(localStorage.getItem(storageKey)), asset, account))
  } catch {
    // Storage is full or switched off: the first account is offered again, no more.
  }
}

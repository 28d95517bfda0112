// The link for the first administrator. The token is there while nobody has claimed; it stands in the fragment, which browsers do not send and servers do not log.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailed } from './say.ts'

export const addressFile = 'address'

/** Undefined once claimed. */
export function claimLink(controlFolder: string, webAddress: string): string | undefined {
  const path = join(controlFolder, 'keys', 'claim-token')
  if (!existsSync(path)) return undefined
  return `${webAddress}/claim#${readFileSync(path, 'utf8').trim()}`
}

/** `sallyport admin claim-link`: what `serve` printed, again. Throws `CommandFailed` in words. */
export function printClaimLink(dataFolder: string): void {
  const address = join(dataFolder, 'run', addressFile)
  if (!existsSync(address)) throw new CommandFailed(`nothing has been served from ${dataFolder} yet: run "sallyport serve" first, or give --data its folder`)
  let link: string | undefined
  try {
    link = claimLink(join(dataFolder, 'control'), readFileSync(address, 'utf8').trim())
  } catch (cause) {
    throw new CommandFailed(`the claim link of ${dataFolder} can only be read by the user that serves it`, { cause })
  }
  if (!link) throw new CommandFailed('this Sallyport has been claimed already: sign in, or ask an administrator for an account')
  process.stdout.write(`${link}\n`)
}

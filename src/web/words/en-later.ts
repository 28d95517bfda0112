// Words that only pages beyond the first need; `withLaterWords` in `words.ts` brings them.
import { account } from './en/account.ts'
import { audit } from './en/audit.ts'
import { commands } from './en/commands.ts'
import { files } from './en/files.ts'
import { grants, whoMay } from './en/grants.ts'
import { imports } from './en/import.ts'
import { groups, operators } from './en/operators.ts'
import { secondFactor, signInStep, tokens } from './en/second-factor.ts'
import { player } from './en/player.ts'
import { kinds } from './en/session-kinds.ts'
import { settings } from './en/settings.ts'
import { approve, sshDoor, sshKeys } from './en/ssh-door.ts'
import { terminalTransfers } from './en/terminal-transfers.ts'
import { transfers } from './en/transfers.ts'

export const enLater = {
  account,
  approve,
  audit,
  commands,
  files,
  grants,
  groups,
  imports,
  kinds,
  operators,
  player,
  secondFactor,
  settings,
  signInStep,
  sshDoor,
  sshKeys,
  terminalTransfers,
  tokens,
  transfers,
  whoMay,
}

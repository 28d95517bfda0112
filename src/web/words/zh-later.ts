import type { enLater } from './en-later.ts'
import { account } from './zh/account.ts'
import { audit } from './zh/audit.ts'
import { commands } from './zh/commands.ts'
import { files } from './zh/files.ts'
import { grants, whoMay } from './zh/grants.ts'
import { imports } from './zh/import.ts'
import { groups, operators } from './zh/operators.ts'
import { secondFactor, signInStep, tokens } from './zh/second-factor.ts'
import { player } from './zh/player.ts'
import { kinds } from './zh/session-kinds.ts'
import { settings } from './zh/settings.ts'
import { approve, sshDoor, sshKeys } from './zh/ssh-door.ts'
import { terminalTransfers } from './zh/terminal-transfers.ts'
import { transfers } from './zh/transfers.ts'

/** The same keys as English: a missing one does not type-check. */
export const zhLater: typeof enLater = {
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

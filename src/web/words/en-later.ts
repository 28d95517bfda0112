// Words that only pages beyond the first need; `withLaterWords` in `words.ts` brings them.
import { account } from './en/account.ts'
import { audit } from './en/audit.ts'
import { commands } from './en/commands.ts'
import { grants, whoMay } from './en/grants.ts'
import { groups, operators } from './en/operators.ts'
import { secondFactor, signInStep, tokens } from './en/second-factor.ts'
import { settings } from './en/settings.ts'

export const enLater = { account, audit, commands, grants, groups, operators, secondFactor, settings, signInStep, tokens, whoMay }

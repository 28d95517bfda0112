import { account } from './en/account.ts'
import { comfort } from './en/comfort.ts'
import { endReason, failure } from './en/failures.ts'
import { frame, parts, signIn } from './en/frame.ts'
import { hosts } from './en/hosts.ts'
import { lists } from './en/lists.ts'
import { live } from './en/live.ts'
import { palette } from './en/palette.ts'
import { recordings, sessions, time } from './en/sessions.ts'
import { settings } from './en/settings.ts'
import { terminals } from './en/terminals.ts'

export const en = { account, frame, palette, settings, parts, signIn, hosts, terminals, comfort, lists, live, sessions, recordings, time, failure, endReason }

import { comfort } from './en/comfort.ts'
import { credentials } from './en/credentials.ts'
import { endReason, failure } from './en/failures.ts'
import { frame, parts, signIn } from './en/frame.ts'
import { hostKeys } from './en/host-keys.ts'
import { hosts } from './en/hosts.ts'
import { firstRun } from './en/first-run.ts'
import { lists } from './en/lists.ts'
import { live } from './en/live.ts'
import { palette } from './en/palette.ts'
import { recordings, sessions, time } from './en/sessions.ts'
import { terminals } from './en/terminals.ts'

export const en = {
  frame,
  palette,
  parts,
  signIn,
  hosts,
  credentials,
  hostKeys,
  firstRun,
  terminals,
  comfort,
  lists,
  live,
  sessions,
  recordings,
  time,
  failure,
  endReason,
}

import type { en } from './en.ts'
import { comfort } from './zh/comfort.ts'
import { credentials } from './zh/credentials.ts'
import { endReason, failure } from './zh/failures.ts'
import { frame, parts, signIn } from './zh/frame.ts'
import { hostKeys } from './zh/host-keys.ts'
import { hosts } from './zh/hosts.ts'
import { firstRun } from './zh/first-run.ts'
import { lists } from './zh/lists.ts'
import { live } from './zh/live.ts'
import { palette } from './zh/palette.ts'
import { recordings, sessions, time } from './zh/sessions.ts'
import { terminals } from './zh/terminals.ts'

/** The same keys as English: a missing one does not type-check. */
export const zh: typeof en = {
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

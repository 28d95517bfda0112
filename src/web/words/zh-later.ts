import type { enLater } from './en-later.ts'
import { settings } from './zh/settings.ts'

/** The same keys as English: a missing one does not type-check. */
export const zhLater: typeof enLater = { settings }

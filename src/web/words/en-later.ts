// Words that only pages beyond the first need; `withLaterWords` in `words.ts` brings them.
import { settings } from './en/settings.ts'

export const enLater = { settings }

import { z } from 'zod'

// `+ : /` and blanks would break the SSH door's login form `alice+root+web1`; these words are its verbs.
const reserved = new Set(['menu', 'enroll', 'resume'])
// oxlint-disable-next-line no-control-regex -- control characters are what is refused here
const forbidden = /[+:/\s\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u

/** The name people sign in with: 1 to 64 characters; may be a mail address without `+`. Compared after NFC. */
export const OperatorName = z
  .string()
  .min(1)
  .max(64)
  .transform((name) => name.normalize('NFC'))
  .refine((name) => !forbidden.test(name), 'may not contain blanks, control characters, "+", ":" or "/"')
  .refine((name) => !reserved.has(name.toLowerCase()), 'is a reserved word')

/** Long enough to resist guessing, short enough that hashing it is bounded. */
export const Password = z.string().min(10, 'needs at least 10 characters').max(256, 'may have at most 256 characters')

export const Role = z.enum(['admin', 'auditor', 'member'])
export type Role = z.infer<typeof Role>

// Text that people write and others read: in pages, in terminals, in the ledger and in CSV. Refused where it could do anything but be read.
import { z } from 'zod'

/** C0 and C1 with DEL, line and paragraph separators, and what turns the direction of what follows (UAX 9: marks, embeddings, overrides, isolates). */
export const oneLineOnly = /^[^\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u
/** The same, with line feeds and tabs. */
const linesOnly = /^(?:[^\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\n\t])*$/u
const refused = 'may not hold control characters'

/** A name or label in any language: one line, 1 to `most` characters, without blanks around it. */
export const oneLine = (most: number) => z.string().trim().min(1).max(most).regex(oneLineOnly, refused)

/** A sentence why, told in one line wherever it is shown: line breaks of a text field become blanks. 1 to `most` characters. */
export const sentence = (most: number) =>
  z
    .string()
    .overwrite((text) => text.replace(/[\r\n\t]+/g, ' '))
    .trim()
    .min(1)
    .max(most)
    .regex(oneLineOnly, refused)

/** A note or a notice: lines with tabs, at most `most` characters, may be empty. Line breaks of any kind become U+000A. */
export const lines = (most: number) =>
  z
    .string()
    .overwrite((text) => text.replace(/\r\n?/g, '\n'))
    .max(most)
    .regex(linesOnly, refused)

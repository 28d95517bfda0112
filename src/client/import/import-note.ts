// What is said about a file that is being imported, beside what was found in it.

/** Why a line, or a whole file (line 0), was left out or needs a person. The pages have the words. */
export const noteCodes = [
  // ssh config
  'match_skipped',
  'include_missing',
  'include_too_deep',
  'proxy_command',
  'proxy_jump_unreadable',
  'proxy_loop',
  'unbalanced_quote',
  'continued',
  'no_value',
  'port_unreadable',
  'token_unknown',
  'no_hosts',
  // known_hosts
  'known_line_unreadable',
  'known_authority',
  'known_revoked',
  'known_unused',
  'known_too_many',
  'known_needs_https',
  // CSV
  'column_unknown',
  'column_twice',
  'no_address_column',
  'row_without_address',
  'row_unreadable',
  // all of them
  'too_many_lines',
  'too_many_hosts',
  'file_too_large',
  'file_unreadable',
  'file_not_used',
  'too_many_files',
] as const
export type NoteCode = (typeof noteCodes)[number]
/** `line` counts from 1; 0 means the file. `what` is quoted from the file, at most 120 characters. */
export type ImportNote = { file: string; line: number; code: NoteCode; what: string }

const longestQuote = 120
export const makeNote = (file: string, line: number, code: NoteCode, what = ''): ImportNote => ({
  file,
  line,
  code,
  what: what.length > longestQuote ? `${what.slice(0, longestQuote - 1)}…` : what,
})

/** A file of one import: its name as the person's machine calls it (empty for pasted text), and what is in it. */
export type ImportText = { name: string; text: string }

/** All files of one import together. */
export const mostLines = 10_000
/** What `assets.importMany` takes at once. */
export const mostHosts = 1000
export const mostFileBytes = 1024 * 1024
export const mostFiles = 50
/** A line of ssh's own is at most this long; longer ones are no configuration. */
export const longestLine = 4096

export const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? ''

// The two databases that Sallyport runs on, and what differs in their errors.

export type Engine = 'sqlite' | 'postgres'

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '')

/** Whether a row was refused because another with the same key stands already: a name is taken, a thing was recorded before. */
export function isUniqueViolation(error: unknown): boolean {
  return ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(codeOf(error))
}

/** Another transaction was in the way and this one changed nothing: it may be run again. PostgreSQL 40001 and 40P01, SQLite's BUSY. */
export function isContention(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01' || code.startsWith('SQLITE_BUSY')
}

/** The disk below the database is full: SQLite's log or its index of it could not grow, PostgreSQL's 53100. A disk that is broken says something else. */
export function isDiskFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', '53100'].includes(codeOf(error))
}

// How the command line speaks of failure: one line on stderr, and an exit code.

/** Refused or failed: exit code 1. The message is one line for a person: what happened, and what to do next. */
export class CommandFailed extends Error {
  readonly exitCode: number = 1
}

/** Wrong flags or settings: exit code 2. */
export class WrongUsage extends CommandFailed {
  override readonly exitCode = 2
}

/** Prints one line, whatever the error holds. */
export function sayFailure(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`sallyport: ${message.replace(/\s*\n\s*/g, ' ')}\n`)
  if (!(error instanceof CommandFailed) && process.env.SALLYPORT_LOG_LEVEL === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return error instanceof CommandFailed ? error.exitCode : 1
}

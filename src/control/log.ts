// Control's log: JSON lines on stderr, for us, and may be lost. What customers must be able to prove stands in the ledger.
import { pino, type Logger } from 'pino'

export type Log = (level: 'info' | 'warn' | 'error', event: string, facts: Record<string, unknown>) => void

/** Written at once: the last line before a crash is the one that matters. */
export function openLog(level: string): { logger: Logger; log: Log } {
  const logger = pino({ level, base: { process: 'control' }, serializers: { error: told, err: told } }, pino.destination({ fd: 2, sync: true }))
  return { logger, log: (at, event, facts) => logger[at]({ event, ...facts }) }
}

/** The few fields that say what broke: drivers hang queries with their values on errors, and values may be people's. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...(error.cause === undefined ? {} : { cause: told(error.cause) }) }
}

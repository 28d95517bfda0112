// The child's side of being supervised: signals, and the pipe whose end means that the supervisor has died.
import { Socket } from 'node:net'
import { cannotStartCode } from './child-status.ts'

export type Supervised = {
  /** Stop in order: SIGTERM, or the supervisor has died (`orphaned`). Called once. */
  stop(why: 'asked' | 'orphaned'): Promise<void>
  /** A further line of the supervisor. */
  line?(text: string): void
}

/** Longest line: a certificate chain and its key. */
const maxLineBytes = 1024 * 1024

export function underSupervisor(supervised: Supervised): void {
  let isStopping = false
  const stop = (why: 'asked' | 'orphaned') => {
    if (isStopping) return
    isStopping = true
    supervised.stop(why).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${JSON.stringify({ level: 50, msg: `stopping failed: ${error instanceof Error ? error.message : String(error)}` })}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('asked'))
  // Ctrl-C reaches the whole process group: the supervisor decides the order in which its children stop.
  process.on('SIGINT', () => undefined)
  process.on('SIGHUP', () => undefined)
  const pipe = new Socket({ fd: 3, readable: true, writable: false })
  let held = ''
  pipe.setEncoding('utf8')
  pipe.on('data', (text: string) => {
    held += text
    const lines = held.split('\n')
    held = lines.pop() ?? ''
    if (held.length > maxLineBytes) held = ''
    for (const line of lines) supervised.line?.(line)
  })
  pipe.on('error', () => stop('orphaned'))
  pipe.on('close', () => stop('orphaned'))
}

/** Starts, or says in one line why not and leaves for good. */
export async function starting<Started>(name: string, start: () => Promise<Started>): Promise<Started> {
  try {
    return await start()
  } catch (error) {
    const what = error instanceof Error && 'resource' in error ? ` (${String(error.resource)})` : ''
    const why = `${error instanceof Error ? error.message : String(error)}${what}`
    process.stderr.write(`sallyport: ${name} cannot start: ${why.replace(/\s*\n\s*/g, ' ')}\n`)
    process.exit(cannotStartCode)
  }
}

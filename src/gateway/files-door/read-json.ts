// The JSON body of one request, read whole and held to its shape.
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { Failure } from '#domain/failure.ts'

const maxJsonBytes = 64 * 1024

/** Throws `Failure`: `unsupported_media_type`, `too_large` (more than 64 KiB), `bad_request`, `unknown_field`. The door ends a body that does not come to its end. */
export async function readJson<Shape extends z.ZodType>(request: IncomingMessage, shape: Shape): Promise<z.infer<Shape>> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new Failure('unsupported_media_type', 'Send JSON, with the header Content-Type: application/json.')
  const text = await readText(request)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Failure('bad_request', 'The body is not JSON.', { cause })
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const isUnknown = issue?.code === 'unrecognized_keys'
  throw new Failure(isUnknown ? 'unknown_field' : 'bad_request', 'Something in this request does not fit.', { field: issue?.path.join('.') ?? '' })
}

async function readText(request: IncomingMessage): Promise<string> {
  const tooLarge = () => new Failure('too_large', `The body may have ${maxJsonBytes / 1024} KiB.`)
  if (Number(request.headers['content-length'] ?? 0) > maxJsonBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  // Left early it must not be destroyed: the refusal is still to be read.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxJsonBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

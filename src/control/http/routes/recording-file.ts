// A recording as a file: streamed, with single ranges once it does not change any more. Outside the contract of JSON calls, under the same rules.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Failure } from '#domain/failure.ts'
import { recordAlone } from '../../audit/ledger.ts'
import { readRange } from '../byte-range.ts'
import type { Call } from '../call.ts'
import { apiPrefix } from '../contract-routes.ts'
import type { OpenedRecording, RecordingFormat } from '../desks.ts'
import { inputFailure } from '../input-failure.ts'
import type { ApiParts } from '../parts.ts'
import { readQuery } from '../query.ts'
import { replayableSession } from './sessions.ts'

const Query = z.strictObject({ format: z.enum(['v3', 'v2', 'txt']).default('v3') })
const NoQuery = z.strictObject({})

export function addRecordingRoute(fastify: FastifyInstance, parts: ApiParts, callOf: (request: FastifyRequest) => Call): void {
  fastify.get(`${apiPrefix}/sessions/:id/recording`, { config: { openToAll: false } }, async (request, reply) => {
    const call = callOf(request)
    const query = Query.safeParse(readQuery(new URL(request.url, 'http://control').search))
    if (!query.success) throw inputFailure(query.error.issues) ?? query.error
    const { id } = request.params as { id: string }
    await allow(parts, call, id)
    const recording = await parts.recordings.open(id, query.data.format)
    const range = rangeOf(request, recording, query.data.format)
    if (range === 'not-satisfiable') {
      void reply.header('content-range', `bytes */${recording.lengthBytes}`)
      throw new Failure('range_not_satisfiable', `The recording has ${recording.lengthBytes} bytes.`)
    }
    // Who reads is written before the first byte is sent.
    const detail = { format: query.data.format, ...(range === 'whole' ? {} : range) }
    await recordAlone(
      parts.store,
      { code: 'recording.read', outcome: 'done', operator: call.me.asker.id, source: call.source, object: id, detail },
      parts.now(),
    )
    describe(reply, recording, query.data.format)
    if (range !== 'whole') {
      void reply
        .code(206)
        .headers({ 'content-range': `bytes ${range.from}-${range.until - 1}/${recording.lengthBytes}`, 'content-length': range.until - range.from })
      return await reply.send(streamOf(parts, request, recording.bytes(range.from, range.until)))
    }
    if (recording.lengthBytes !== undefined) void reply.header('content-length', recording.lengthBytes)
    return await reply.send(streamOf(parts, request, recording.bytes()))
  })
  fastify.get(`${apiPrefix}/sessions/:id/recording/screens`, { config: { openToAll: false } }, async (request, reply) => {
    const call = callOf(request)
    const query = NoQuery.safeParse(readQuery(new URL(request.url, 'http://control').search))
    if (!query.success) throw inputFailure(query.error.issues) ?? query.error
    const { id } = request.params as { id: string }
    await allow(parts, call, id)
    const screens = await parts.recordings.screens(id)
    const detail = { format: 'screens' }
    await recordAlone(
      parts.store,
      { code: 'recording.read', outcome: 'done', operator: call.me.asker.id, source: call.source, object: id, detail },
      parts.now(),
    )
    return await reply.header('content-type', 'application/x-ndjson').send(streamOf(parts, request, inBytes(screens)))
  })
}

async function* inBytes(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text, 'utf8')
}

/** A refusal to somebody who sees the session is worth a row: it is an attempt at another person's screen. */
async function allow(parts: ApiParts, call: Call, id: string): Promise<void> {
  try {
    await replayableSession(parts, call, id)
  } catch (error) {
    if (error instanceof Failure && error.code === 'forbidden')
      await recordAlone(parts.store, { code: 'recording.read', outcome: 'refused', operator: call.me.asker.id, source: call.source, object: id }, parts.now())
    throw error
  }
}

const etagOf = (recording: OpenedRecording, format: RecordingFormat) => (recording.etag === undefined ? undefined : `"${recording.etag}-${format}"`)

function rangeOf(request: FastifyRequest, recording: OpenedRecording, format: RecordingFormat) {
  const ifRange = request.headers['if-range']
  if (recording.lengthBytes === undefined) return 'whole'
  return readRange(request.headers.range, recording.lengthBytes, typeof ifRange === 'string' ? ifRange : undefined, etagOf(recording, format))
}

function describe(reply: FastifyReply, recording: OpenedRecording, format: RecordingFormat): void {
  const etag = etagOf(recording, format)
  void reply.headers({
    'content-type': format === 'txt' ? 'text/plain; charset=utf-8' : 'application/x-asciicast',
    'content-disposition': attachment(format === 'txt' ? recording.fileName.replace(/\.cast$/, '.txt') : recording.fileName),
    'accept-ranges': recording.lengthBytes === undefined ? 'none' : 'bytes',
    ...(etag === undefined ? {} : { etag }),
  })
}

/** RFC 6266 with the two forms of the name: ASCII for old clients, RFC 8187 for the rest. */
export function attachment(fileName: string): string {
  const plain = fileName.replace(/[^A-Za-z0-9._-]/g, '-')
  const encoded = encodeURIComponent(fileName).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** Reads ahead one chunk only: a reader that stops stops the shelf, and one that goes away closes it. */
function streamOf(parts: ApiParts, request: FastifyRequest, bytes: AsyncIterable<Uint8Array>): Readable {
  const stream = Readable.from(bytes, { objectMode: false })
  stream.on('error', (error) => parts.log('error', 'recording.read_failed', { request: request.id, error }))
  return stream
}

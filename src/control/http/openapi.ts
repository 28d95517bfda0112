// `/api/openapi.json`: the contract, written out for programs that know OpenAPI 3.1.
import { OpenAPIGenerator, type OpenAPI } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { failureCodes } from '#domain/failure.ts'
import { contract, csrfHeader } from '#wire/api.ts'
import { apiPrefix } from './contract-routes.ts'

const failed = {
  description: 'Refused or failed; `code` says why.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
}
const errorSchema: OpenAPI.SchemaObject = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: [...failureCodes] },
        message: { type: 'string' },
        field: { type: 'string' },
        detail: { type: 'object', additionalProperties: true },
      },
    },
  },
}
const csrfParameter: OpenAPI.ParameterObject = { name: csrfHeader, in: 'header', required: true, schema: { type: 'string', enum: ['1'] } }

const text = (description: string, mediaType: string) => ({ description, content: { [mediaType]: { schema: { type: 'string' as const } } } })
const recordingFile: OpenAPI.PathItemObject = {
  get: {
    operationId: 'sessions.recording',
    summary: 'The recording as a file; single ranges once the session has ended (v3)',
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'format', in: 'query', schema: { type: 'string', enum: ['v3', 'v2', 'txt'], default: 'v3' } },
    ],
    responses: {
      '200': text('asciicast, or plain text', 'application/x-asciicast'),
      '206': text('A part of it', 'application/x-asciicast'),
      default: failed,
    },
  },
}

const recordingScreens: OpenAPI.PathItemObject = {
  get: {
    operationId: 'sessions.recordingScreens',
    summary: 'Screens for seeking, a JSON line each: {offset, atMs, cols, rows, text}; there may be none, or few',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    responses: { '200': text('JSON lines', 'application/x-ndjson'), default: failed },
  },
}

/** The query is that of the list, whose parameters stand there once. */
const listFile = (
  list: 'sessions' | 'assets' | 'audit' | 'commands' | 'transfers',
  parameters: OpenAPI.OperationObject['parameters'],
): OpenAPI.PathItemObject => ({
  get: {
    operationId: `${list}.csv`,
    summary: `The list as CSV: every row that matches, at most 100,000, headings in the language asked for${list === 'assets' ? '; for administrators' : ''}`,
    parameters: [
      ...(parameters ?? []).filter((each) => !('name' in each && (each.name === 'page' || each.name === 'size'))),
      { name: 'lang', in: 'query', schema: { type: 'string', enum: ['en', 'zh'] } },
    ],
    responses: { '200': text('RFC 4180, UTF-8 with a byte order mark', 'text/csv'), default: failed },
  },
})

export async function describeApi(): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(contract, {
    info: { title: 'Sallyport', version: '1', description: `Every change carries the header ${csrfHeader}: 1. Times are RFC 3339 in UTC; ids are opaque.` },
    servers: [{ url: apiPrefix }],
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: {
        cookie: { type: 'apiKey', in: 'cookie', name: 'sallyport', description: '`__Host-sallyport` under TLS' },
        token: { type: 'http', scheme: 'bearer', description: 'An API token, `spt_…`; never together with the cookie, and without the header of changes' },
      },
    },
    security: [{ cookie: [] }, { token: [] }],
  })
  for (const item of Object.values(document.paths ?? {})) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = item?.[method]
      if (!operation) continue
      operation.responses = { ...operation.responses, default: failed }
      if (method !== 'get') operation.parameters = [...(operation.parameters ?? []), csrfParameter]
    }
  }
  document.paths = {
    ...document.paths,
    '/sessions/{id}/recording': { ...document.paths?.['/sessions/{id}/recording'], ...recordingFile },
    '/sessions/{id}/recording/screens': recordingScreens,
    '/csv/sessions': listFile('sessions', document.paths?.['/sessions']?.get?.parameters),
    '/csv/assets': listFile('assets', document.paths?.['/assets']?.get?.parameters),
    '/csv/audit': listFile('audit', document.paths?.['/audit']?.get?.parameters),
    '/csv/commands': listFile('commands', document.paths?.['/commands']?.get?.parameters),
    '/csv/transfers': listFile('transfers', document.paths?.['/transfers']?.get?.parameters),
  }
  return document
}

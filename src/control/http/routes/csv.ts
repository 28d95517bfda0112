// Lists as files: what the list shows to whoever asks, all pages of it. Outside the contract of JSON calls, under the same rules.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AssetView } from '#wire/api/assets.ts'
import { assetsQuery } from '#wire/api/assets.ts'
import { auditQuery, type AuditView, commandsQuery, type CommandView } from '#wire/api/audit.ts'
import { sessionsQuery } from '#wire/api/sessions.ts'
import { transfersQuery } from '#wire/api/transfers.ts'
import { csvPath } from '#wire/api.ts'
import { viewerOf } from '../../access/sight.ts'
import { eachAsset, listAssets } from '../../assets/list-assets.ts'
import { eachCommand, listCommands } from '../../commands/list-commands.ts'
import { recordAlone } from '../../audit/ledger.ts'
import { allAudit } from '../../audit/list.ts'
import { allTransfers } from '../../transfers/list-transfers.ts'
import type { Call } from '../call.ts'
import { byteOrderMark, type Cell, csvLine } from '../csv-text.ts'
import { assetHeadings, auditHeadings, commandHeadings, csvLanguage, csvLanguages, sessionHeadings, transferHeadings } from '../csv-words.ts'
import type { SessionFacts } from '../desks.ts'
import { inputFailure } from '../input-failure.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import { readQuery } from '../query.ts'
import { auditNarrowing } from './audit.ts'
import { commandsFor } from './commands.ts'
import { attachment } from './recording-file.ts'
import { narrowingFor } from './sessions.ts'
import { transferLines } from '../transfer-lines.ts'
import { transfersFor } from './transfers.ts'

export const mostRows = 100_000
/** Lines are sent some at a time: a line alone would cost more than what is in it. */
const linesAtOnce = 200

const asked = { lang: z.enum(csvLanguages).optional() }
const SessionsFile = sessionsQuery.omit({ page: true, size: true }).extend(asked)
const AssetsFile = assetsQuery.omit({ page: true, size: true }).extend(asked)

const CommandsFile = commandsQuery.omit({ page: true, size: true }).extend(asked)
const TransfersFile = transfersQuery.omit({ page: true, size: true }).extend(asked)
const AuditFile = auditQuery.omit({ page: true, size: true }).extend(asked)

export function addCsvRoutes(fastify: FastifyInstance, parts: ApiParts, callOf: (request: FastifyRequest) => Call): void {
  fastify.get(csvPath('sessions'), { config: { openToAll: false } }, async (request, reply) => {
    const call = callOf(request)
    const { lang, ...query } = read(SessionsFile, request)
    const { count, rows } = await parts.sessions.all(narrowingFor(call, query), mostRows)
    await writeDown(parts, call, 'sessions', { ...query }, count)
    return await send(parts, request, reply, 'sessions', sessionHeadings[languageOf(request, lang)], sessionLines(rows))
  })
  fastify.get(csvPath('assets'), { config: { openToAll: false } }, async (request, reply) => {
    const call = callOf(request)
    const { lang, ...query } = read(AssetsFile, request)
    const viewer = await viewerOf(parts.store.db, call.me.asker, parts.now())
    const { total } = await listAssets(parts.store, { ...query, page: 1, size: 1 }, viewer)
    await writeDown(parts, call, 'assets', { ...query }, Math.min(total, mostRows))
    return await send(parts, request, reply, 'assets', assetHeadings[languageOf(request, lang)], assetLines(eachAsset(parts.store, query, viewer)))
  })
  fastify.get(csvPath('commands'), { config: { openToAll: false } }, async (request, reply) => {
    const call = callOf(request)
    const { lang, ...query } = read(CommandsFile, request)
    // What is run while the file is sent would move the rows that follow.
    const asOf = commandsFor(call, query)
    const narrowed = { ...asOf, until: Math.min(asOf.until ?? Infinity, parts.now()) }
    const { total } = await listCommands(parts.store, { ...narrowed, page: 1, size: 1 })
    await writeDown(parts, call, 'commands', { ...query }, Math.min(total, mostRows))
    return await send(parts, request, reply, 'commands', commandHeadings[languageOf(request, lang)], commandLines(eachCommand(parts.store, narrowed, mostRows)))
  })
  fastify.get(csvPath('transfers'), { config: { openToAll: false } }, async (request, reply) => {
    const call = callOf(request)
    const { lang, ...query } = read(TransfersFile, request)
    const { count, rows } = await allTransfers(parts.store, transfersFor(call, query), mostRows, call.me.asker.id)
    await writeDown(parts, call, 'transfers', { ...query }, count)
    return await send(parts, request, reply, 'transfers', transferHeadings[languageOf(request, lang)], transferLines(rows))
  })
  fastify.get(csvPath('audit'), { config: { openToAll: false } }, async (request, reply) => {
    const call = callOf(request)
    mustBePermitted(call, { action: 'audit' })
    const { lang, ...query } = read(AuditFile, request)
    const { count, rows } = await allAudit(parts.store, auditNarrowing(query), mostRows)
    await writeDown(parts, call, 'audit', { ...query }, count)
    return await send(parts, request, reply, 'audit', auditHeadings[languageOf(request, lang)], auditLines(rows))
  })
}

function read<Shape extends z.ZodType>(shape: Shape, request: FastifyRequest): z.infer<Shape> {
  const query = shape.safeParse(readQuery(new URL(request.url, 'http://control').search))
  if (!query.success) throw inputFailure(query.error.issues) ?? query.error
  return query.data
}
const languageOf = (request: FastifyRequest, lang: (typeof csvLanguages)[number] | undefined) => csvLanguage(lang, request.headers['accept-language'])

/** Before the first byte is sent: who takes a list away stands in the ledger even when they stop half-way. */
const writeDown = (
  parts: ApiParts,
  call: Call,
  list: 'sessions' | 'assets' | 'commands' | 'audit' | 'transfers',
  query: Record<string, unknown>,
  rows: number,
) =>
  recordAlone(
    parts.store,
    { code: 'list.exported', outcome: 'done', operator: call.me.asker.id, source: call.source, object: list, detail: { query, rows } },
    parts.now(),
  )

/** Read as it is sent: whoever reads slowly makes the database wait, and whoever goes away ends it. */
async function send(parts: ApiParts, request: FastifyRequest, reply: FastifyReply, list: string, headings: readonly string[], lines: AsyncIterable<string>) {
  const stream = Readable.from(
    (async function* () {
      yield byteOrderMark + csvLine(headings)
      yield* lines
    })(),
    { objectMode: false, highWaterMark: 64 * 1024 },
  )
  stream.on('error', (error) => parts.log('error', 'list.export_failed', { request: request.id, error }))
  const day = new Date(parts.now()).toISOString().slice(0, 10)
  void reply.headers({ 'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': attachment(`sallyport-${list}-${day}.csv`) })
  return await reply.send(stream)
}

async function* commandLines(pieces: AsyncIterable<CommandView[]>): AsyncGenerator<string> {
  for await (const rows of pieces) yield rows.map((row) => csvLine(commandCells(row))).join('')
}

const commandCells = (row: CommandView): Cell[] => [
  ...[row.at, row.operator, row.asset, row.account, row.text, row.how, row.folder, row.exitStatus, row.durationMs],
  ...[row.rule, row.verdict, row.seconds, row.session],
]

async function* sessionLines(pieces: AsyncIterable<SessionFacts[]>): AsyncGenerator<string> {
  for await (const rows of pieces) yield rows.map((row) => csvLine(sessionCells(row))).join('')
}

function sessionCells(row: SessionFacts): Cell[] {
  const seconds = row.endedAt === undefined ? undefined : (Date.parse(row.endedAt) - Date.parse(row.startedAt)) / 1000
  const { recording } = row
  return [
    ...[row.startedAt, row.endedAt, seconds, row.operator, row.asset, row.address, row.account, row.door, row.kind, row.command, row.state],
    ...[row.endReason, row.endMessage, row.failure, row.exitStatus, row.gateway, row.source, row.bytesIn, row.bytesOut],
    ...[recording?.fileName, recording?.state, recording?.seconds, recording?.bytes, row.id],
  ]
}

async function* auditLines(pieces: AsyncIterable<AuditView[]>): AsyncGenerator<string> {
  for await (const rows of pieces) yield rows.map((row) => csvLine(auditCells(row))).join('')
}

const auditCells = (row: AuditView): Cell[] => [
  ...[row.number, row.seq, row.at, row.chainedAt, row.code, row.outcome, row.operatorName, row.operator, row.objectName, row.object, row.source],
  ...[row.detail && JSON.stringify(row.detail), row.requestId, row.before, row.after, row.hash],
]

async function* assetLines(assets: AsyncIterable<AssetView>): AsyncGenerator<string> {
  let [lines, count] = [[] as string[], 0]
  for await (const asset of assets) {
    lines.push(csvLine(assetCells(asset)))
    if ((count += 1) === mostRows) break
    if (lines.length < linesAtOnce) continue
    yield lines.join('')
    lines = []
  }
  if (lines.length > 0) yield lines.join('')
}

const assetCells = (asset: AssetView): Cell[] => [
  ...[asset.name, asset.address, asset.port, asset.tags.join(' '), asset.accounts.map(({ username }) => username).join(' ')],
  ...[asset.hostKeyPolicy, asset.hostKeys.map(({ fingerprint }) => fingerprint).join(' '), asset.changedKeys, asset.legacyUntil],
  ...[asset.via && `${asset.via.username}@${asset.via.assetName}`, asset.reach?.state, asset.reach?.at, asset.createdAt, asset.lastUsedAt, asset.id],
]

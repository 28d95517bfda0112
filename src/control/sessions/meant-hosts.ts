// Which hosts an ssh client means: by the name of one, or by where it wants to connect to.
import type { Destination } from '#domain/forward-rule.ts'
import { parseIp } from '#domain/address-rules.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

export type Whither = { asset: string } | { destination: Destination }
const sshPort = 22
/** Hosts of one address and port; more are not looked at. */
const maxAlike = 50

/**
 * Those that may be meant, by name: a name exactly, whatever it is an address of; else all with the address and port. A name goes with port 22, which clients add by themselves, or the host's own.
 * Addresses are the same however they are written; names that a resolver knows are compared as text. Whether the asker may know of them is not asked here.
 */
export async function meantHosts(trx: Trx, to: Whither): Promise<Row<'assets'>[]> {
  const name = ('asset' in to ? to.asset : to.destination.host).normalize('NFC')
  const named = await trx.selectFrom('assets').selectAll().where('name', '=', name).executeTakeFirst()
  if ('asset' in to) return named ? [named] : []
  const { host, port } = to.destination
  if (named && (port === sshPort || port === named.port)) return [named]
  return atAddress(trx, host, port)
}

async function atAddress(trx: Trx, host: string, port: number): Promise<Row<'assets'>[]> {
  const ip = parseIp(host)
  const text = host.toLowerCase()
  const found = ip
    ? (await trx.selectFrom('assets').select(['id', 'address']).where('port', '=', port).execute()).filter(({ address }) => isSame(parseIp(address), ip))
    : await trx
        .selectFrom('assets')
        .select('id')
        .where((eb) => eb(eb.fn<string>('lower', ['address']), 'in', [text, text.endsWith('.') ? text.slice(0, -1) : `${text}.`]))
        .where('port', '=', port)
        .execute()
  if (found.length === 0) return []
  const ids = found.slice(0, maxAlike).map(({ id }) => id)
  return trx.selectFrom('assets').selectAll().where('id', 'in', ids).orderBy('name').execute()
}

const isSame = (left: readonly number[] | undefined, right: readonly number[]): boolean => left !== undefined && left.every((byte, at) => byte === right[at])

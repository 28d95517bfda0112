// A signed head: that the chain had this hash at this number at this time, by the ledger key.
import { verify, type KeyObject } from 'node:crypto'

/** `time` is ms since the epoch, `key` the fingerprint of the ledger key, `signature` base64 of 64 bytes (Ed25519, RFC 8032). */
export type Head = { number: number; hash: string; time: number; signature: string; key: string }

const prefix = 'sallyport.ledger.head.v1'

export const headBytes = ({ number, hash, time, key }: Omit<Head, 'signature'>): Buffer =>
  Buffer.from(`${prefix}\0${number} ${hash} ${new Date(time).toISOString()} ${key}`, 'ascii')

export const isSignedHead = (head: Head, publicKey: KeyObject): boolean =>
  publicKey.asymmetricKeyType === 'ed25519' && verify(null, headBytes(head), publicKey, Buffer.from(head.signature, 'base64'))

/** One line of a file outside, without its end. */
export const headLine = ({ number, hash, time, signature, key }: Head): string => `${number} ${hash} ${new Date(time).toISOString()} ${signature} ${key}`

const line = /^(\d{1,15}) ([0-9a-f]{64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Za-z0-9+/]{86}==) (SHA256:[A-Za-z0-9+/]{43})$/

/** Undefined for what is no such line, one that was torn say. */
export function parseHeadLine(text: string): Head | undefined {
  const match = line.exec(text)
  if (!match) return undefined
  const [, number = '', hash = '', iso = '', signature = '', key = ''] = match
  const time = Date.parse(iso)
  return Number.isNaN(time) ? undefined : { number: Number(number), hash, time, signature, key }
}

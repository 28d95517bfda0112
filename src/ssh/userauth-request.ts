// USERAUTH_REQUEST and USERAUTH_INFO_RESPONSE as a server reads them: RFC 4252 sections 5, 7 and 8, RFC 4256 sections 3.1 and 3.4.
import { isUtf8 } from 'node:buffer'
import { Secret } from '#domain/secret.ts'
import { WireReader, wireString } from './wire-reader.ts'

type Method =
  | { method: 'none' }
  /** Undefined password: longer than 1 KiB, with a zero byte, or no UTF-8. */
  | { method: 'password'; password: Secret | undefined; isChange: boolean }
  | { method: 'publickey'; algorithm: string; blob: Buffer; signed: { data: Buffer; signature: Buffer } | undefined }
  | { method: 'keyboard-interactive' }
  | { method: 'other' }
/** `user` is undefined when the bytes are no name that anybody could have; `userBytes` tell whether it changed. Everything is a copy. */
export type UserauthRequest = { userBytes: Buffer; user: string | undefined; service: string } & Method

const maxUserBytes = 512
const maxPasswordBytes = 1024
const maxAnswersBytes = 8192
const maxBlobBytes = 8192
const maxNameBytes = 64

/** UTF-8 without control characters. */
function readText(bytes: Buffer, maxBytes: number): string | undefined {
  if (bytes.length > maxBytes || !isUtf8(bytes)) return undefined
  const text = bytes.toString('utf8')
  return /\p{Cc}/u.test(text) ? undefined : text
}
const readName = (reader: WireReader): string => {
  const bytes = reader.string()
  return bytes.length > maxNameBytes ? '' : bytes.toString('latin1')
}

/** Throws `WireFault` for what is no such message. `sessionId` goes into the data that is signed. */
export function readUserauthRequest(payload: Buffer, sessionId: Buffer): UserauthRequest {
  const reader = new WireReader(payload)
  reader.byte()
  const userBytes = Buffer.from(reader.string())
  const service = readName(reader)
  const method = readName(reader)
  const text = readText(userBytes, maxUserBytes)
  const head = { userBytes, user: text === '' ? undefined : text, service }
  switch (method) {
    case 'none':
      reader.end()
      return { ...head, method }
    case 'password': {
      const isChange = reader.byte() !== 0
      const bytes = reader.string()
      if (isChange) reader.string()
      reader.end()
      const isSound = bytes.length <= maxPasswordBytes && !bytes.includes(0) && isUtf8(bytes)
      return { ...head, method, isChange, password: isSound ? new Secret(Buffer.from(bytes)) : undefined }
    }
    case 'publickey': {
      const isSigned = reader.byte() !== 0
      const algorithm = readName(reader)
      const blob = Buffer.from(reader.string())
      // RFC 4252 section 7: the session id, and this message up to here.
      const data = isSigned ? Buffer.concat([wireString(sessionId), payload.subarray(0, payload.length - reader.remaining)]) : undefined
      const signed = data && { data, signature: Buffer.from(reader.string()) }
      reader.end()
      if (blob.length > maxBlobBytes || (signed?.signature.length ?? 0) > maxBlobBytes) return { ...head, method: 'other' }
      return { ...head, method, algorithm, blob, signed }
    }
    case 'keyboard-interactive':
      // The language tag and the submethods, both without use (RFC 4256 section 3.1).
      reader.string()
      reader.string()
      reader.end()
      return { ...head, method }
    default:
      return { ...head, method: 'other' }
  }
}

/** The answers, `expected` in number; undefined when they are another number, longer than 8 KiB together, or such as no person types. Throws `WireFault` for what is no such message. */
export function readInfoResponse(payload: Buffer, expected: number): Secret[] | undefined {
  const reader = new WireReader(payload)
  reader.byte()
  if (reader.uint32() !== expected || reader.remaining > maxAnswersBytes + 4 * expected) return undefined
  const answers = Array.from({ length: expected }, () => Buffer.from(reader.string()))
  reader.end()
  return answers.every((answer) => !answer.includes(0) && isUtf8(answer)) ? answers.map((answer) => new Secret(answer)) : undefined
}

// How much of each packet of SFTP is read, and what is said of one that cannot be.
import { Failure } from '#domain/failure.ts'
import { Sftp } from '../../sftp/sftp-wire.ts'

/** Of data only what stands before it: length, type, number, handle, offset, length. */
export function needsOfRequest(head: Buffer, bytes: number): number {
  if (head[4] !== Sftp.write) return bytes
  if (head.length < 13) return 13
  const need = 13 + head.readUInt32BE(9) + 12
  if (need <= head.length && head.readUInt32BE(need - 4) !== bytes - need) return clientFault('data of another length than announced')
  return need
}

/** Listings and the like are not read, of attributes the size; what we asked ourselves (`isOurs`) is read whole. */
export function needsOfAnswer(head: Buffer, bytes: number, isOurs: (id: number) => boolean): number {
  switch (head[4]) {
    case Sftp.data: {
      if (head.length >= 13 && head.readUInt32BE(9) !== bytes - 13) return hostFault('data of another length than announced')
      return 13
    }
    case Sftp.name:
      return head.length >= 9 && isOurs(head.readUInt32BE(5)) ? bytes : 9
    case Sftp.extendedReply:
      return 9
    case Sftp.attrs:
      return Math.min(bytes, 21)
    case Sftp.version:
      return 9
    case Sftp.status:
    case Sftp.handle:
      return bytes
    default:
      return hostFault('an answer of no known kind')
  }
}

export function clientFault(why: string): never {
  throw new Failure('client_protocol_error', `The client does not speak SFTP as it should: ${why}.`)
}
export function hostFault(why: string): never {
  throw new Failure('host_protocol_error', `The host does not speak SFTP as it should: ${why}.`)
}

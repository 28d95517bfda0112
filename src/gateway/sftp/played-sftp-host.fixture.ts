// For tests: a host of the real SSH parts whose SFTP server is a few lines of the test, to say what no OpenSSH says.
import { wireString, wireUint32 } from '#ssh/wire-reader.ts'
import { Channels } from '#ssh/channels.ts'
import { readText } from '#ssh/channel-wire.ts'
import { startTestDoor } from '#ssh/test-door.fixture.ts'
import { HostConnection } from '../far/host-connection.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson } from '../far/test-asks.ts'
import { AnswerStream } from './answer-stream.ts'
import { Sftp, SftpReader, statusPacket } from './sftp-wire.ts'

/** `say`: bytes as they are, cut wherever the test likes. `answer`: a packet to this request. */
export type Asked = {
  type: number
  id: number
  reader: SftpReader
  say: (bytes: Uint8Array) => void
  answer: (type: number, ...fields: (number | string | Uint8Array)[]) => void
}
export type PlayedHost = { connection: HostConnection; asked: number[]; close: () => Promise<void> }
/** `begin`: instead of VERSION. `exec`: what a command prints, and its status; without, none is run. */
export type Play = { begin?: Uint8Array; extensions?: readonly string[]; exec?: { prints: string; status: number } }

const never = new AbortController().signal
export const packetOf = (type: number, ...fields: (number | string | Uint8Array)[]): Buffer => {
  const body = Buffer.concat([Buffer.of(type), ...fields.map((each) => (typeof each === 'number' ? wireUint32(each) : wireString(each)))])
  return Buffer.concat([wireUint32(body.length), body])
}
export const status = (id: number, code: number, text = ''): Buffer => statusPacket(id, code, text)
/** ATTRS of a plain file; numbers and bytes for `packetOf`. */
export const plainFile = (size: number, mtime = 1_700_000_000): number[] => [1 | 4 | 8, Math.floor(size / 2 ** 32), size % 2 ** 32, 0o100644, mtime, mtime]
export const folderAttributes: readonly number[] = [4, 0o040755]

/** `play` is told of each request but INIT. */
export async function playHost(play: (asked: Asked) => void, { begin, extensions = [], exec }: Play = {}): Promise<PlayedHost> {
  const asked: number[] = []
  const refused = () => Promise.resolve({ state: 'refused' as const })
  const door = await startTestDoor({
    authenticator: () => ({
      none: refused,
      keyOffered: () => Promise.resolve(false),
      key: refused,
      password: () => Promise.resolve({ state: 'accepted' }),
      keyboard: () => ({ next: refused, cancel: () => undefined }),
    }),
    signedIn: (transport) => {
      new Channels(transport).onOpen = (request) => {
        const channel = request.accept()
        const take = (packet: Buffer) => {
          const type = packet[0] ?? 0
          if (type === Sftp.init) return void channel.write(begin ?? packetOf(Sftp.version, 3, ...extensions))
          asked.push(type)
          const id = packet.readUInt32BE(1)
          play({
            type,
            id,
            reader: new SftpReader(packet, 5, (why): never => {
              throw new Error(why)
            }),
            say: (bytes) => void channel.write(bytes),
            answer: (kind, ...fields) => void channel.write(packetOf(kind, id, ...fields)),
          })
        }
        const requests = new AnswerStream(take, (why): never => {
          throw new Error(why)
        })
        let isSftp = false
        channel.listen({
          data: (bytes) => (isSftp ? requests.push(bytes) : undefined),
          request: (type, value, reply) => {
            isSftp = type === 'subsystem' && readText(value) === 'sftp'
            reply?.(isSftp || (type === 'exec' && exec !== undefined))
            if (isSftp || type !== 'exec' || !exec) return
            channel.write(Buffer.from(exec.prints))
            void channel.request('exit-status', wireUint32(exec.status), false)
            channel.close()
          },
          closed: () => undefined,
        })
        channel.resume()
      }
    },
  })
  const connection = await HostConnection.dial({
    admission: admissionFor(
      { address: '127.0.0.1', port: door.port, username: 'tester' },
      { hostKeys: Object.values(door.hostKeys).map((each) => hostKeyFromLine(each.publicKey)) },
    ),
    link: playLink({ password: 'secret' }),
    prompter: playPerson(() => null),
    listeners: [],
    signal: never,
  })
  return {
    connection,
    asked,
    close: async () => {
      connection.close()
      await door.close()
    },
  }
}
